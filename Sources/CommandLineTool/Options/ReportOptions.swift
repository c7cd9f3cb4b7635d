// The options of `esmfold report`.

package import Report

package struct ReportOptions: Sendable {
  package var common = CommonOptions()
  /// The page; nil: `report.html` in the folder of the results.
  package var output: String?
  /// The heading of the page; nil: the name of the folder.
  package var title: String?
  package var layout = ReportLayout.auto

  package init() {}

  package static let table = OptionTable<ReportOptions>(
    [
      Option(
        OptionDescription(
          name: "output", short: "o", form: .value("FILE.html", completion: .file, default: "DIR/report.html"),
          group: "Report", help: "the page"),
        .value { (values: inout ReportOptions, text: String) throws(InvalidValue) in
          guard !text.isEmpty, text != "-", text.last != "/" else { throw InvalidValue("the name of a file") }
          values.output = text
        }),
      Option(
        OptionDescription(
          name: "title", form: .value("TEXT", default: "the name of the folder"), group: "Report",
          help: "the heading of the page"),
        .value { (values: inout ReportOptions, text: String) throws(InvalidValue) in values.title = text }),
      Option(
        OptionDescription(
          name: "layout",
          form: .value(
            "HOW", completion: .choice(ReportLayout.allCases.map(\.rawValue)), default: ReportLayout.auto.rawValue),
          group: "Report",
          help: "file puts everything into the page; folder puts the data of each protein into a folder beside it, "
            + "FILE_files, from which they are loaded when they are looked at; auto does that from about 50 MB on"),
        .value { (values: inout ReportOptions, text: String) throws(InvalidValue) in
          guard let layout = ReportLayout(rawValue: text) else { throw InvalidValue("auto, file or folder") }
          values.layout = layout
        }),
    ] + CommonOptions.table.map { $0.within(\.common) })
}
