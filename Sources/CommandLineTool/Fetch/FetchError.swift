// Failures of fetching a model, each with a hint.

import Platform
import Transfer

/// Why a model could not be fetched.
enum FetchError: SystemErrorWrapping, Sendable {
  /// A download failed.
  case transfer(TransferError, model: String)
  /// A call to the system failed.
  case system(SystemError)
  /// Download and import would not fit on the disk.
  case noRoom(folder: String, needed: Int, free: Int)
  /// Connections are not allowed, and these files are missing.
  case offline(model: String, folder: String, missing: [String], place: String)
  /// An existing file is not that of the model.
  case wrongFile(path: String, found: String, expected: String)
  /// HF_TOKEN is not what a header may have.
  case token
  /// The import failed for this reason; the files are still in `folder`.
  case refused(any Error, folder: String)
}

extension FetchError: CustomStringConvertible {
  var description: String {
    switch self {
    case .transfer(let error, let model):
      return "\(error)" + (Self.hint(error, model).map { "\nhint: \($0)" } ?? "")
    case .system(let error):
      return error.sentence
        + (error.isForbidden ? "\nhint: ESMFOLD_CACHE names a folder that you may write to" : "")
    case .noRoom(let folder, let needed, let free):
      return "\(folder): disk: found \(decimalBytes(free)) free, expected \(decimalBytes(needed)) for the download and "
        + "the imported model\nhint: ESMFOLD_CACHE names a folder on another disk"
    case .offline(let model, let folder, let missing, let place):
      let several = missing.count > 1
      return "\(model): found neither the model in the cache nor \(Self.list(missing)) in \(folder), "
        + "expected one of them with --offline\nhint: on a machine with network get \(several ? "them" : "it") from "
        + "\(place), put \(several ? "them" : "it") into that folder and run the same command again; "
        + "or copy a finished \(model).h5 into the cache folder"
    case .wrongFile(let path, let found, let expected):
      return "\(path): found \(found), expected \(expected)\nhint: remove the file, and fetch or copy it again"
    case .token:
      return
        "HF_TOKEN: found a blank, a line end or another character that no token has, expected letters, digits and signs"
        + "\nhint: copy the token again from the site's settings"
    case .refused(let error, let folder):
      let sentence = Hints.message(of: error)
      return sentence + (sentence.contains("\nhint: ") ? "; " : "\nhint: ")
        + "the downloaded files are still in \(folder): the same command imports them again; without that folder it "
        + "downloads them again"
    }
  }

  private static func list(_ names: [String]) -> String {
    names.count < 2 ? names.joined() : names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
  }

  private static func hint(_ error: TransferError, _ model: String) -> String? {
    let again = "the part that has been downloaded is kept: the same command continues from there"
    switch error {
    case .status(_, let code):
      switch code {
      case 401, 403:
        return "the server restricts access to this file: set HF_TOKEN to a token for https servers, or name a "
          + "mirror with --from"
      case 404, 410: return "--from names a mirror that has the model; a base has no slash at its end, a folder has one"
      case 511: return "the network asks to log in: open any page in a browser first"
      case 407: return "http_proxy and https_proxy hold name and password of a proxy, http://NAME:PASSWORD@HOST:PORT"
      default: return error.isTransient ? again : nil
      }
    case .busy, .broken, .range: return again
    case .proxy: return "http_proxy, https_proxy and no_proxy say which proxy is used for what"
    case .unreachable:
      return "behind a proxy set https_proxy; --from names a mirror; without any network see `esmfold weights fetch "
        + "\(model) --offline`"
    case .certificate:
      return "SSL_CERT_FILE names a file with the certificates of your network, in PEM (CURL_CA_BUNDLE takes "
        + "precedence)"
    case .content:
      return "a network that asks to log in, a proxy or a firewall may have answered in place of the server: open the "
        + "address in a browser, or name a proxy with https_proxy or a mirror with --from"
    case .size, .digest, .tooLarge:
      return "this is another file than the model's: fetch it from another place with --from"
    case .system(let error): return error.isDiskFull ? "free some space and run the same command again" : nil
    case .inUse: return "when that is done, the same command finds the model or goes on"
    case .library:
      return
        "downloads need the system's libcurl (Debian, Ubuntu: apt-get install libcurl4; Fedora: dnf install libcurl); "
        + "without it see `esmfold weights fetch \(model) --offline`"
    case .request, .cancelled, .refused: return nil
    }
  }
}
