/// What keeps a text from being YAML, in terms of what the writer of it did.
package enum SyntaxProblem: Hashable, Sendable {
  /// A tab where indentation is expected.
  case tab
  /// A plain value that begins with a character YAML keeps for itself: `@`, `` ` ``, `%`.
  case reservedCharacter(String)
  /// `*` or `&` not followed by a name, as in `*.example.com`.
  case anchorName(String)
  case undefinedAlias(String)
  /// The alias stands inside the value that it names.
  case recursiveAlias(String)
  case unclosedQuote(openedOnLine: Int)
  /// `[` or `{` never closed, or something other than a comma between its entries.
  case unclosedBracket(bracket: String, openedOnLine: Int)
  /// A line of a mapping without `: `.
  case missingColon(startedOnLine: Int)
  /// A second `: ` in one line.
  case nestedValue
  /// A `- ` where a mapping goes on, or in the middle of a line.
  case misplacedItem
  /// Something that is neither a key of the mapping begun there nor less indented.
  case keyExpected(mappingLine: Int, mappingColumn: Int)
  /// Something that is neither an item of the list begun there nor less indented.
  case itemExpected(listLine: Int, listColumn: Int)
  case unknownEscape
  /// Text after `|` or `>`.
  case blockHeader
  /// More text after the end of a document.
  case documentStartExpected
  case valueExpected
  /// A bracket is open, and the next thing is the end of the document.
  case endsTooSoon
  case template
  case undefinedTagHandle
  case tag(String)
  case tagValue(tag: String, value: String)
  case keyIsMapping
  case keyNotText(String)
  case mergeValue(String)
  case parser(String)

  /// The problem in one clause.
  package var sentence: String {
    switch self {
    case .tab: "a tab stands where spaces are expected: YAML is indented with spaces only"
    case .reservedCharacter(let character):
      "a value cannot begin with \"\(character)\": put it in quotes"
    case .anchorName(let sign):
      "\"\(sign)\" must be followed by a name: put a value such as \"\(sign).example.com\" in quotes"
    case .undefinedAlias(let name):
      "no anchor \"&\(name)\" stands before the alias \"*\(name)\": put the value in quotes if it is text"
    case .recursiveAlias(let name): "the alias \"*\(name)\" stands inside the value it names"
    case .unclosedQuote(let line): "the quote opened on line \(line) is not closed"
    case .unclosedBracket(let bracket, let line):
      "expected \",\" or the end of the \"\(bracket)\" opened on line \(line)"
    case .missingColon(let line): "expected \": \" after the key that begins on line \(line)"
    case .nestedValue:
      "\": \" cannot stand here: indent the line as its neighbours, or put the value in quotes"
    case .misplacedItem: "a list item \"- \" cannot stand here: begin it on a line of its own"
    case .keyExpected(let line, let column):
      "expected a key in column \(column), of the mapping that begins on line \(line)"
    case .itemExpected(let line, let column):
      "expected \"- \" in column \(column), of the list that begins on line \(line)"
    case .unknownEscape: "no such escape in a quoted value: write a backslash as two"
    case .blockHeader: "expected the end of the line after \"|\" or \">\""
    case .documentStartExpected: "expected \"---\" before another document"
    case .valueExpected: "expected a value"
    case .endsTooSoon: "the document ends inside a \"[\" or \"{\" that is not closed"
    case .template: "\"{{\" looks like a template that was not rendered: YAML has no templates"
    case .undefinedTagHandle: "a tag such as \"!x!y\" needs a %TAG line for \"!x!\" before it"
    case .tag(let tag): "the tag \(tag) is not read: write the value itself"
    case .tagValue(let tag, let value): "\"\(value)\" is not a value of the tag \(tag)"
    case .keyIsMapping:
      "a key must be text, and a mapping stands here: a template \"{{ }}\" that was not rendered?"
    case .keyNotText(let what):
      "a key must be text, and \(what) stands here"
    case .mergeValue(let what): "\"<<\" takes a mapping or a list of mappings, not \(what)"
    case .parser(let text): text
    }
  }
}
