using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Platform.Testing;
using Platform.Workflows.Expressions;

namespace Platform.Workflows.Tests.Expressions;

public sealed partial class LanguageTests
{
    private static readonly string Page = File.ReadAllText(RepositoryFiles.Path("docs/workflows/language.md"));

    private static IEnumerable<TestCaseData> Examples() =>
        Row().Matches(Page[Page.IndexOf("## Times", StringComparison.Ordinal)..]).Select(row => new TestCaseData(Unescape(row.Groups[1].Value), Unescape(row.Groups[2].Value)).SetArgDisplayNames(row.Groups[1].Value));

    [TestCaseSource(nameof(Examples))]
    public void The_page_tells_the_truth(string expression, string value)
    {
        using var engine = new ExpressionEngine(ExpressionScope.OfInput(Input().Match(Page).Groups[1].Value, "{}"));

        var result = engine.Evaluate(expression);

        Assert.That(JsonNode.DeepEquals(result, JsonNode.Parse(value)), $"{expression} gives {result?.ToJsonString()}");
    }

    [Test]
    public void The_page_has_an_example_of_every_function()
    {
        using var engine = new ExpressionEngine(ExpressionScope.OfInput("{}", "{}"));

        var functions = engine.Evaluate("Object.keys(fn)")!.AsArray().Select(name => name!.GetValue<string>()).ToList();

        Assert.That(functions, Has.Count.GreaterThan(30));
        Assert.That(functions.Where(name => !Examples().Any(example => ((string)example.Arguments[0]!).Contains($"fn.{name}(", StringComparison.Ordinal))), Is.Empty);
    }

    [TestCase("fn.sum = 1")]
    [TestCase("fn.formatTime('2026-01-01', 'HH', 'Europe/Nowhere')")]
    [TestCase("fn.formatTime('no time', 'HH')")]
    [TestCase("fn.formatTime(1e300, 'HH')")]
    [TestCase("fn.startOf('2026-01-01', 'fortnight')")]
    [TestCase("fn.sum('text')")]
    [TestCase("fn.sum.constructor('return 1')()")]
    public void A_function_that_is_used_wrongly_fails_as_any_expression(string expression)
    {
        using var engine = new ExpressionEngine(ExpressionScope.OfInput("{}", "{}"));

        Assert.That(() => engine.Evaluate(expression), Throws.TypeOf<ExpressionException>());
    }

    private static string Unescape(string cell) => cell.Replace(@"\|", "|", StringComparison.Ordinal);

    [GeneratedRegex(@"^\| `(.+?)` \| `(.+)` \|\r?$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"```json\r?\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Input();
}
