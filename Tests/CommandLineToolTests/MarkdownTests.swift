// The part of Markdown that the manual uses.

import CommandLineTool
import Testing

@Suite struct MarkdownTests {
  @Test func blocks() {
    let text = """
      # A *title*

      Two lines
      of text.
      <!-- a comment
      of two lines -->
      - one
        and more
      - two

      1. first
      2. second

      | a | b |
      |---|---|
      | `x\\|y` | |

      ```sh
      # not a heading

      | not a table
      ```
      """
    #expect(
      Markdown.blocks(text) == [
        .heading(level: 1, [.text("A ", .plain), .text("title", .emphasis)]),
        .paragraph([.text("Two lines of text.", .plain)]),
        .list(items: [[.text("one and more", .plain)], [.text("two", .plain)]], isNumbered: false),
        .list(items: [[.text("first", .plain)], [.text("second", .plain)]], isNumbered: true),
        .table([[[.text("a", .plain)], [.text("b", .plain)]], [[.text("x|y", .code)], []]]),
        .code(["# not a heading", "", "| not a table"]),
      ])
  }

  @Test(arguments: [
    ("plain", [MarkdownSpan.text("plain", .plain)]),
    ("a `b*c*` d", [.text("a ", .plain), .text("b*c*", .code), .text(" d", .plain)]),
    ("**a `b` c**", [.text("a ", .strong), .text("b", .code), .text(" c", .strong)]),
    ("[a](b.md#c).", [.text("a", .plain), .link("b.md#c"), .text(".", .plain)]),
    ("[L, 14] and 2 * 3", [.text("[L, 14] and 2 * 3", .plain)]),
    ("Mol*, PDBe's Mol* and 2 * 3 * 4", [.text("Mol*, PDBe's Mol* and 2 * 3 * 4", .plain)]),
    ("(*a*), *[b]*", [.text("(", .plain), .text("a", .emphasis), .text("), ", .plain), .text("[b]", .emphasis)]),
    (#"\<cls> \[a](b) \*x\*"#, [.text("<cls> [a](b) *x*", .plain)]),
    ("an open `tick", [.text("an open `tick", .plain)]),
  ])
  func spans(_ text: String, _ expected: [MarkdownSpan]) {
    #expect(MarkdownSpan.spans(text[...]) == expected)
  }

  @Test func pagesAreFilledAndAligned() {
    let page = ManualPage(
      name: "test",
      markdown: """
        # Test

        ## Part

        See [the page](input.md), or [Swift](https://www.swift.org), or [code](../../README.md).

        | name | wide column | third |
        |---|---|---|
        | a | \(Array(repeating: "word", count: 20).joined(separator: " ")) | x |
        | b | short | y |
        """)
    #expect(
      PageText.text(page, .none) == """
        TEST

        Part

            See the page (esmfold help input), or Swift (https://www.swift.org), or
            code.

            name  wide column                                                      third
            ----  ---------------------------------------------------------------  -----
            a     word word word word word word word word word word word word      x
                  word word word word word word word word

            b     short                                                            y

        """)
  }
}
