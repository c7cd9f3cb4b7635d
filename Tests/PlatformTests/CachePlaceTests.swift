// Where the cache folder is.

import Platform
import Testing

@Suite struct CachePlaceTests {
  private func place(_ environment: [String: String], home: String? = "/u") -> String {
    CachePlace.path(environment: { environment[$0] }, home: { home })
  }

  @Test func order() {
    #expect(place(["ESMFOLD_CACHE": "c", "XDG_CACHE_HOME": "/x", "HOME": "/h"]) == "c")
    #expect(place(["ESMFOLD_CACHE": "", "XDG_CACHE_HOME": "/x", "HOME": "/h"]) == "/x/esmfold")
    #expect(place(["XDG_CACHE_HOME": "", "HOME": "/h"]) == "/h/.cache/esmfold")
    #expect(place(["XDG_CACHE_HOME": "x", "HOME": "/h"]) == "/h/.cache/esmfold")
  }

  @Test("Without HOME it is in the user's home folder, never in the current one") func withoutHome() {
    #expect(place([:]) == "/u/.cache/esmfold" && place(["HOME": ""]) == "/u/.cache/esmfold")
    #expect(place(["HOME": "h"]) == "/u/.cache/esmfold")
    #expect(place([:], home: nil) == "/.cache/esmfold")
    #expect(CachePlace.path(environment: { _ in nil }) == (CachePlace.homeOfUser() ?? "") + "/.cache/esmfold")
    #expect(CachePlace.homeOfUser()?.hasPrefix("/") != false)
  }
}
