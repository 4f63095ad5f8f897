private import CYAML

/// libyaml's events over one stretch of bytes, one at a time.
///
@safe final class YAMLEvents {
  enum Kind {
    case streamStart, streamEnd, documentStart, documentEnd
    case scalar, alias, sequenceStart, sequenceEnd, mappingStart, mappingEnd
    /// The text is not YAML; `problem` says why. No event follows.
    case failure
  }

  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let event: UnsafeMutablePointer<yaml_event_t>
  /// libyaml keeps an unretained pointer to it.
  private let input: Input
  /// Lines of the file before the stretch.
  private let lineOffset: Int
  private(set) var kind: Kind = .streamStart

  init(_ bytes: ArraySlice<UInt8>, lineOffset: Int) {
    unsafe parser = .allocate(capacity: 1)
    unsafe event = .allocate(capacity: 1)
    unsafe event.initialize(to: yaml_event_t())
    input = Input(rest: bytes)
    self.lineOffset = lineOffset
    let made = unsafe yaml_parser_initialize(parser)
    precondition(made == 1, "libyaml fails to make a parser only without memory")
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    unsafe yaml_parser_set_input(
      parser,
      { input, buffer, size, sizeRead in
        guard let input = unsafe input, let buffer = unsafe buffer else { return 0 }
        let source = unsafe Unmanaged<Input>.fromOpaque(input).takeUnretainedValue()
        unsafe sizeRead?.pointee = source.copy(
          to: UnsafeMutableRawBufferPointer(start: buffer, count: size))
        return 1
      }, unsafe Unmanaged.passUnretained(input).toOpaque())
  }

  deinit {
    unsafe yaml_event_delete(event)
    unsafe yaml_parser_delete(parser)
    unsafe event.deallocate()
    unsafe parser.deallocate()
  }

  /// Goes on to the next event.
  @discardableResult
  func advance() -> Kind {
    unsafe yaml_event_delete(event)
    let parsed = unsafe yaml_parser_parse(parser, event)
    kind = parsed == 1 ? unsafe YAMLEvents.kind(of: event.pointee.type) : .failure
    return kind
  }

  /// Where the event begins.
  var position: Node.Position { unsafe position(of: event.pointee.start_mark) }

  /// A scalar's text.
  var text: String {
    let scalar = unsafe event.pointee.data.scalar
    return unsafe String(
      decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
  }

  /// Bytes of `text`.
  var textSize: Int { unsafe event.pointee.data.scalar.length }

  /// A scalar without quotes and without a tag: one that may be other than a string.
  var isPlain: Bool { unsafe event.pointee.data.scalar.plain_implicit != 0 }

  /// The tag of a scalar that has one: `tag:yaml.org,2002:str` where `!!str` was written.
  var tag: String? {
    let scalar = unsafe event.pointee.data.scalar
    return unsafe scalar.tag.map { unsafe String(cString: $0) }
  }

  /// The name after `&` of a scalar, sequence or mapping; after `*` of an alias.
  var anchor: String? {
    let name: UnsafeMutablePointer<UInt8>? =
      switch kind {
      case .scalar: unsafe event.pointee.data.scalar.anchor
      case .sequenceStart: unsafe event.pointee.data.sequence_start.anchor
      case .mappingStart: unsafe event.pointee.data.mapping_start.anchor
      case .alias: unsafe event.pointee.data.alias.anchor
      case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd,
        .failure:
        nil
      }
    return unsafe name.map { unsafe String(cString: $0) }
  }

  private static func kind(of type: yaml_event_type_t) -> Kind {
    switch type {
    case YAML_SCALAR_EVENT: .scalar
    case YAML_MAPPING_START_EVENT: .mappingStart
    case YAML_MAPPING_END_EVENT: .mappingEnd
    case YAML_SEQUENCE_START_EVENT: .sequenceStart
    case YAML_SEQUENCE_END_EVENT: .sequenceEnd
    case YAML_ALIAS_EVENT: .alias
    case YAML_DOCUMENT_START_EVENT: .documentStart
    case YAML_DOCUMENT_END_EVENT: .documentEnd
    case YAML_STREAM_START_EVENT: .streamStart
    default: .streamEnd
    }
  }

  private func position(of mark: yaml_mark_t) -> Node.Position {
    Node.Position(
      line: Int32(clamping: mark.line + lineOffset + 1), column: Int32(clamping: mark.column + 1))
  }
}

/// The bytes libyaml has not asked for yet.
private final class Input {
  private var rest: ArraySlice<UInt8>

  init(rest: ArraySlice<UInt8>) { self.rest = rest }

  func copy(to buffer: UnsafeMutableRawBufferPointer) -> Int {
    let chunk = rest.prefix(buffer.count)
    unsafe buffer.copyBytes(from: chunk)
    rest = rest.dropFirst(chunk.count)
    return chunk.count
  }
}

/// What libyaml found wrong, in its own words and places, to be put into ours.
struct YAMLFailure {
  let problem: String
  let context: String
  let position: Node.Position
  let contextPosition: Node.Position
}

extension YAMLEvents {
  /// Why there is no next event.
  var failure: YAMLFailure {
    func string(_ text: UnsafePointer<CChar>?) -> String {
      unsafe text.map { unsafe String(cString: $0) } ?? ""
    }
    let parser = unsafe parser.pointee
    return YAMLFailure(
      problem: unsafe string(parser.problem), context: unsafe string(parser.context),
      position: unsafe position(of: parser.problem_mark),
      contextPosition: unsafe position(of: parser.context_mark))
  }
}
