using System.Text.Json.Nodes;
using Platform.Workflows.Expressions;

namespace Platform.Workflows.Tests.Expressions;

public sealed class ExpressionEngineTests
{
    [TestCase("input.rows.length", "2")]
    [TestCase("input.rows.map(row => row[1] * 2)", "[20,40]")]
    [TestCase("input.rows.filter(row => row[1] > 15)[0][0]", "\"b\"")]
    [TestCase("input.name ?? 'nobody'", "\"nobody\"")]
    [TestCase("({ total: input.rows.reduce((sum, row) => sum + row[1], 0) })", """{"total":30}""")]
    [TestCase("undefined", "null")]
    [TestCase("input.rows.length > 1 ? 'many' : 'few'", "\"many\"")]
    public void Evaluates(string expression, string expected)
    {
        using var engine = Engine();

        Assert.That(engine.Evaluate(expression)?.ToJsonString() ?? "null", Is.EqualTo(expected));
    }

    [TestCase("(() => { while (true) {} })()")]
    [TestCase("'x'.repeat(20).split('').map(() => 'y'.repeat(1000000)).join('')")]
    [TestCase("(function f() { return f(); })()")]
    [TestCase("Array.from({ length: 100000000 })")]
    public void Refuses_what_costs_too_much(string expression)
    {
        using var engine = Engine();

        Assert.That(() => engine.Evaluate(expression), Throws.TypeOf<ExpressionException>());
    }

    [TestCase("System.IO.File.ReadAllText('/etc/passwd')")]
    [TestCase("require('fs')")]
    [TestCase("importNamespace('System')")]
    [TestCase("(0, eval)('1 + 1')")]
    [TestCase("new Function('return 1')()")]
    [TestCase("input.constructor.constructor('return this')()")]
    [TestCase("missing.member")]
    public void Knows_nothing_of_the_host(string expression)
    {
        using var engine = Engine();

        Assert.That(() => engine.Evaluate(expression), Throws.TypeOf<ExpressionException>());
    }

    [Test]
    public void Keeps_the_type_of_a_whole_expression_and_makes_text_of_a_part()
    {
        using var engine = Engine();
        var document = JsonNode.Parse("""{"count": "{{ input.rows.length }}", "text": "{{ input.rows.length }} rows of {{ input.title }}"}""");

        var result = Template.Evaluate(System.Text.Json.JsonSerializer.SerializeToElement(document), engine.Evaluate);

        Assert.That(result!.ToJsonString(), Is.EqualTo("""{"count":2,"text":"2 rows of sales"}"""));
    }

    private static ExpressionEngine Engine() =>
        new(ExpressionScope.OfInput("""{"title": "sales", "rows": [["a", 10], ["b", 20]]}""", "{}"));
}
