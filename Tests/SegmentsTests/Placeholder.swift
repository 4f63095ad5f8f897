// SegmentsTests
