import Testing

@testable import Resources

/// What cel-go's parser says of the same texts (`parser/parser_test.go` and the language definition).
@Suite struct CELExpressionTests {
  @Test(arguments: [
    "true", "response.code >= 400", "a.b.c[0]['x'] == -1 ? b : c",
    "!!a && --b < 3u || x in [1, 2,]",
    "has(a.b) && !has(a.b.c)", "[1, 2].all(x, x > 0)", "m.map(k, k != '', m[k])",
    "{'a': 1, 'b': [2.5, 1e3, .5],}", "pkg.Type{field: 1, other: 'x'}", ".root.name(1)",
    "r'\\d+' + b\"\\x00\\377\" + '''a'b\n''' // and a remark",
    "\"\\u00e9\\U0001F600\\n\"", "-9223372036854775808", "0xFFu", "(a).b", "duration('250ms')",
    "a.map(x)", "has(a, b)", "f(x)", "a ? b : c ? d : e",
    "request.headers['x-log'] != ''", "connection.mtls == false",
  ])
  func isAnExpression(_ text: String) {
    #expect(CELExpression.mistake(in: text) == nil)
  }

  @Test(arguments: [
    "", "a +", "response.code >=", "a b", "(a", "a)", "[1, 2", "a.", "a.1", "'unclosed", "'a\nb'",
    "\"\\q\"", "\"\\ud800\"", "b'\\u0041'", "9223372036854775808", "18446744073709551616u", "a ? b",
    "a = b", "a & b", "has(a)", "has(has(a.b))", "x.all(y.z, true)", "x.all(__result__, true)",
    "while", "if(a)", "{a}", "{a: }", "T{1: 2}", "a..b", "@a", "a.in", "é", "f(,)", "[,,]", "!",
  ])
  func isNone(_ text: String) {
    #expect(CELExpression.mistake(in: text) != nil)
  }

  @Test func depthAndLengthHaveLimits() {
    let deep = String(repeating: "(", count: 200) + "a" + String(repeating: ")", count: 200)
    #expect(CELExpression.mistake(in: deep) == nil)
    let deeper = String(repeating: "[", count: 100_000)
    #expect(CELExpression.mistake(in: deeper)?.contains("250") == true)
    let long = "a" + String(repeating: "+a", count: 60_000)
    #expect(CELExpression.mistake(in: long)?.contains("100000") == true)
  }

  @Test(arguments: [
    "response.code >= 400", "has(a.b)", "size(a) > 1 && a.size() > 1", "t.getHours('UTC') == 1",
    "a.startsWith('x') || matches(a, 'x+')", "a.matches(b)", "duration('1s') < response.duration",
    "re.extract(a, 'b', 'c') == 'd'", "a.matches('\\\\d+')", "[1, 2][0] == 1", "{'a': 1}.a == 1",
  ])
  func envoyTakes(_ text: String) {
    #expect(CELExpression.mistake(in: text) == nil)
    #expect(CELExpression.foreignPart(of: text) == nil)
  }

  @Test(arguments: [
    ("a.exists(x, x == 1)", "exists()"), ("string(response.code) == '1'", "string()"),
    ("foo(a)", "foo()"), ("a.lowerAscii() == 'a'", "lowerAscii()"), ("T{a: 1}", "messages"),
    ("a.getHours() == 1 && getHours(a) == 1", "getHours()"), ("a.size(1)", "size()"),
    ("a.matches('[')", "the pattern \"[\""), ("matches(a, r'(?=x)')", "the pattern \"(?=x)\""),
  ])
  func envoyDoesNotTake(_ text: String, _ part: String) {
    #expect(CELExpression.mistake(in: text) == nil)
    #expect(CELExpression.foreignPart(of: text) == part)
  }
}
