extension Envoy.Metadata {
  /// What `write` says to filters: every route, cluster and endpoint has some, so its Structs are written
  /// where they stand, without a message for each value of theirs.
  package init(_ write: (inout MetadataWriter) -> Void) {
    var writer = MetadataWriter()
    write(&writer)
    self.init(reference: writer.message.finish())
  }
}

/// Writes a Metadata in one go.
package struct MetadataWriter {
  fileprivate var message = MessageWriter()

  /// What is said under one name.
  package mutating func add(_ filter: String, _ write: (inout StructWriter) -> Void) {
    message.nested(1) { entry in
      entry.string(1, filter)
      entry.nested(2) { StructWriter.fill(&$0, write) }
    }
  }
}

/// Writes the fields of a google.protobuf.Struct, in the order in which they are added.
package struct StructWriter {
  private var message: MessageWriter

  fileprivate static func fill(
    _ message: inout MessageWriter, _ write: (inout StructWriter) -> Void
  ) {
    var fields = StructWriter(message: message)
    write(&fields)
    message = fields.message
  }

  package mutating func add(_ key: String, _ text: String) {
    field(key) { $0.string(3, text, isChosen: true) }
  }

  package mutating func add(_ key: String, _ isTrue: Bool) {
    field(key) { $0.bool(4, isTrue, isChosen: true) }
  }

  /// A list of a single Struct.
  package mutating func add(_ key: String, listing write: (inout StructWriter) -> Void) {
    field(key) { value in
      value.nested(6) { list in
        list.nested(1) { element in
          element.nested(5) { StructWriter.fill(&$0, write) }
        }
      }
    }
  }

  private mutating func field(_ key: String, _ value: (inout MessageWriter) -> Void) {
    message.nested(1) { entry in
      entry.string(1, key)
      entry.nested(2, value)
    }
  }
}
