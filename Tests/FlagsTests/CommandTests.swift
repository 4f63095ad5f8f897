import Flags
import Testing

/// The options of no real command: one of each kind of flag.
struct Options: Equatable {
  enum Level: String, FlagChoice { case quiet, loud }
  var paths: [String] = []
  var labels: [KeyValue] = []
  var output = "text"
  var level = Level.quiet
  var file: String?
  var force = false
}

@Suite struct CommandTests {
  static let command = Command<Options>(
    "try", "Tries what is there", synopsis: "PATH… [flags]", examples: ["a.yaml -o json"],
    flags: [
      Flag("--label", "KEY=VALUE", "a label", addsTo: \.labels),
      Flag("-o", "FORMAT", "how to print", sets: \.output),
      Flag("--level", "quiet|loud", "how much to say\nand where", sets: \.level),
      Flag("--file", "FILE", "a file", sets: \.file),
      Flag("--force", "go on in any case", turnsOn: \.force),
      .unserved("--remote", "URL", instead: "use --file"),
    ],
    operands: .init("PATH…", "what to try", addTo: \.paths))

  private func options(_ words: String...) throws -> Options {
    switch try Self.command.reading(words, into: Options()) {
    case .run(let options): options
    case .help: throw Misuse("help")
    }
  }

  private func misuse(_ words: String...) -> String {
    do throws(Misuse) {
      _ = try Self.command.reading(words, into: Options())
      return "none"
    } catch { return error.description }
  }

  @Test func everyKindOfFlagReachesItsOption() throws {
    let typed = try options(
      "a", "--label", "x=1", "-o", "json", "--level=loud", "b", "--force", "--label=y=2=3",
      "--file=f")
    #expect(
      typed
        == Options(
          paths: ["a", "b"], labels: [KeyValue(flagText: "x=1")!, KeyValue(flagText: "y=2=3")!],
          output: "json", level: .loud, file: "f", force: true))
    #expect(typed.labels.map(\.value) == ["1", "2=3"])
    #expect(try options() == Options())
  }

  @Test func timesAreReadWithTheirUnits() {
    #expect(Duration(flagText: "1h30m") == .seconds(5400))
    #expect(Duration(flagText: "90s") == .seconds(90))
    #expect(Duration(flagText: "1s250ms") == .milliseconds(1250))
    #expect(Duration(flagText: "0") == .zero)
    for text in ["", "5", "m", "5 m", "-5m", "1d", "5m5", "99999999999s", "٣s"] {
      #expect(Duration(flagText: text) == nil, "\(text)")
    }
    #expect(Int(flagText: "16") == 16 && Int(flagText: "-1") == nil && Int(flagText: "x") == nil)
  }

  @Test func whatFollowsTwoDashesIsNoFlag() throws {
    #expect(try options("--", "--force", "-").paths == ["--force", "-"])
    #expect(try options("-").paths == ["-"])
  }

  @Test func anUnknownFlagIsAnsweredWithTheNearest() {
    #expect(misuse("--lable", "x") == "try has no flag --lable; did you mean --label?")
    #expect(misuse("--halp") == "try has no flag --halp; did you mean --help?")
    #expect(misuse("--quite-other=1") == "try has no flag --quite-other")
  }

  @Test func aWrongValueIsAnsweredWithWhatIsRight() {
    #expect(
      misuse("--level", "lout")
        == "--level \"lout\" is not one of quiet, loud; did you mean loud?")
    #expect(misuse("--label", "=x") == "--label \"=x\" is not KEY=VALUE")
    #expect(misuse("--file=") == "--file \"\" is not a text of at least one letter")
    #expect(misuse("--file") == "--file needs a value: --file FILE")
    #expect(misuse("--force=1") == "--force takes no value")
  }

  @Test func aFlagGivenTwiceIsAMistakeUnlessItAdds() {
    #expect(misuse("--file", "a", "--file", "b") == "--file is given twice")
  }

  @Test func whatIsNotServedYetSaysSo() {
    #expect(misuse("--remote", "x") == "--remote is not served yet; use --file")
  }

  @Test func wordsWithoutOperandsAreAMistake() {
    let bare = Command<Options>("bare", "Bare", synopsis: "", examples: [], flags: [])
    #expect(throws: Misuse("bare takes flags only, and \"x\" is none")) {
      _ = try bare.reading(["x"], into: Options())
    }
  }

  @Test func helpNamesEveryServedFlagAndAnExample() throws {
    guard case .help = try Self.command.reading(["a", "-h"], into: Options()) else {
      Issue.record("-h is no help")
      return
    }
    #expect(
      Self.command.help(program: "fairlead") == """
        Tries what is there

          fairlead try PATH… [flags]

          PATH…               what to try
          --label KEY=VALUE   a label
          -o FORMAT           how to print
          --level quiet|loud  how much to say
                              and where
          --file FILE         a file
          --force             go on in any case

        Example:
          fairlead try a.yaml -o json

        """)
  }
}
