internal import Diagnostics

extension YAMLFailure {
  /// What the text has where the failure was noticed.
  enum Surroundings: Equatable {
    case endOfDocument
    case endOfLine
    /// The line has `{{`.
    case template
    case character(Character)
  }

  /// Where to look: what is never closed is best seen where it opens.
  var reportedPosition: Node.Position {
    switch problem {
    case "could not find expected ':'", "found unexpected end of stream",
      "found unexpected document indicator":
      contextPosition
    default: position
    }
  }

  /// Where what failed begins.
  var earliestPosition: Node.Position {
    context.isEmpty ? position : min(position, contextPosition)
  }

  /// libyaml's words put into what the writer of the file did. Its phrases are in scanner.c and
  /// parser.c; one not known here is passed on as it is.
  func syntaxProblem(at surroundings: Surroundings) -> SyntaxProblem {
    let contextLine = Int(contextPosition.line)
    switch (problem, surroundings) {
    case (_, .template): return .template
    case ("found character that cannot start any token", .character("\t")): return .tab
    case ("found character that cannot start any token", .character(let character)):
      return .reservedCharacter(String(character))
    case ("did not find expected node content", .endOfDocument): return .endsTooSoon
    default: break
    }
    switch problem {
    case "did not find expected node content": return .valueExpected
    case "found undefined tag handle": return .undefinedTagHandle
    case "found unknown escape character": return .unknownEscape
    case "did not find expected alphabetic or numeric character":
      return .anchorName(context.hasSuffix("alias") ? "*" : "&")
    case "mapping values are not allowed in this context": return .nestedValue
    case "block sequence entries are not allowed in this context": return .misplacedItem
    case "could not find expected ':'": return .missingColon(startedOnLine: contextLine)
    case "did not find expected key":
      return .keyExpected(
        mappingLine: contextLine, mappingColumn: Int(contextPosition.column))
    case "did not find expected '-' indicator":
      return .itemExpected(listLine: contextLine, listColumn: Int(contextPosition.column))
    case "did not find expected ',' or ']'":
      return .unclosedBracket(bracket: "[", openedOnLine: contextLine)
    case "did not find expected ',' or '}'":
      return .unclosedBracket(bracket: "{", openedOnLine: contextLine)
    case "did not find expected comment or line break": return .blockHeader
    case "did not find expected <document start>": return .documentStartExpected
    case "found a tab character that violates indentation",
      "found a tab character where an indentation space is expected":
      return .tab
    case "found unexpected end of stream", "found unexpected document indicator":
      return .unclosedQuote(openedOnLine: contextLine)
    default: return .parser(context.isEmpty ? problem : "\(problem), \(context)")
    }
  }
}
