// Decoding that all configurations of the family share.

import Platform
import Weights

extension ConfigurationFields {
  /// Decodes the text of a config.json of this family.
  ///
  /// - Parameters:
  ///   - json: The text.
  ///   - path: Where it is from, for messages.
  ///   - decode: What reads the fields; throws `ConfigurationError`, `WeightError` or `ModelError`.
  /// - Returns: What `decode` makes of the fields.
  /// - Throws: `ModelError` when it is no configuration of this family, or `decode` fails.
  static func decode<Value>(
    _ json: String, path: String, _ decode: (ConfigurationFields) throws -> Value
  ) throws(ModelError) -> Value {
    do {
      let fields = try ConfigurationFields(try JSONValue(parsing: Array(json.utf8), path: path))
      let type = try fields.string("model_type") ?? "esm"
      guard type == "esm" else {
        throw ConfigurationError.unsupported(field: "model_type", found: quoted(type), expected: "\"esm\"")
      }
      return try decode(fields)
    } catch let error as ConfigurationError {
      throw .configuration(path: path, error)
    } catch let error as WeightError {
      throw .weights(error)
    } catch let error as ModelError {
      throw error
    } catch {
      preconditionFailure("\(error)")
    }
  }
}
