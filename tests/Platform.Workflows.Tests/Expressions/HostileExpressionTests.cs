using System.Text;
using System.Text.RegularExpressions;
using Platform.Testing;
using Platform.Workflows.Expressions;

namespace Platform.Workflows.Tests.Expressions;

/// <summary>What an author who means harm, or a dice, writes: it fails as an expression does, soon, and takes nothing with it.</summary>
[NonParallelizable]
public sealed partial class HostileExpressionTests
{
    private const string FuzzSeconds = "PLATFORM_FUZZ_SECONDS";
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private static IEnumerable<string> Corpus() =>
        File.ReadLines(RepositoryFiles.Path("tests/Platform.Workflows.Tests/Expressions/hostile.txt"));

    [TestCaseSource(nameof(Corpus))]
    public void Is_refused_within_its_caps(string expression)
    {
        var allocated = GC.GetTotalAllocatedBytes();
        var begun = TimeProvider.System.GetTimestamp();

        Assert.That(() => Evaluate(expression), Throws.TypeOf<ExpressionException>());

        Assert.That(TimeProvider.System.GetElapsedTime(begun), Is.LessThan(Longest));
        Assert.That(GC.GetTotalAllocatedBytes() - allocated, Is.LessThan(512L * 1024 * 1024));
    }

    [Test]
    public void Whatever_is_written_gives_a_value_or_an_expressions_failure()
    {
        var seconds = double.TryParse(Environment.GetEnvironmentVariable(FuzzSeconds), out var given) ? given : 2;
        var seed = Environment.TickCount;
        var dice = new Random(seed);
        var parts = Corpus().Concat(Examples()).SelectMany(line => Token().Matches(line).Select(token => token.Value)).Distinct().ToArray();
        var begun = TimeProvider.System.GetTimestamp();
        var runs = 0;
        for (; TimeProvider.System.GetElapsedTime(begun).TotalSeconds < seconds; runs++)
        {
            var expression = Write(dice, parts);
            var before = TimeProvider.System.GetTimestamp();
            try
            {
                if (ExpressionEngine.SyntaxFaultOf(expression) is null)
                {
                    Evaluate(expression);
                }
            }
            catch (ExpressionException)
            {
                // As it should.
            }
            catch (Exception exception)
            {
                Assert.Fail($"Seed {seed}: {expression}\n{exception}");
            }

            Assert.That(TimeProvider.System.GetElapsedTime(before), Is.LessThan(Longest), $"Seed {seed}: {expression}");
        }

        TestContext.Out.WriteLine($"{runs} expressions, seed {seed}");
        Assert.That(runs, Is.GreaterThan(50));
    }

    private static IEnumerable<string> Examples() =>
        File.ReadLines(RepositoryFiles.Path("docs/workflows/language.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal));

    // An expression that is there already with some of it exchanged, or one of parts alone.
    private static string Write(Random dice, string[] parts)
    {
        var line = dice.Next(3) == 0 ? "" : Corpus().ElementAt(dice.Next(Corpus().Count()));
        var tokens = Token().Matches(line).Select(token => token.Value).ToList();
        for (var change = dice.Next(1, 12); change > 0; change--)
        {
            var place = dice.Next(tokens.Count + 1);
            if (place < tokens.Count && dice.Next(3) > 0)
            {
                tokens[place] = parts[dice.Next(parts.Length)];
            }
            else
            {
                tokens.Insert(place, parts[dice.Next(parts.Length)]);
            }
        }

        return tokens.Aggregate(new StringBuilder(), (text, token) => text.Append(token).Append(' ')).ToString();
    }

    private static void Evaluate(string expression)
    {
        using var engine = new ExpressionEngine(ExpressionScope.OfInput("""{"rows": [1, 2], "text": "a"}""", "{}"));
        engine.Evaluate(expression);
    }

    [GeneratedRegex(@"[\p{L}_$][\w$]*|\d+(?:\.\d+)?n?|'[^']*'|=>|\.\.\.|[^\s]")]
    private static partial Regex Token();
}
