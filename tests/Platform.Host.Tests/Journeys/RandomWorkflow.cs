namespace Platform.Host.Tests.Journeys;

/// <summary>A step of a random workflow: what it is in the product's language, and what it comes to.</summary>
internal sealed record RandomStep(string Key, string Kind, string[] DependsOn, bool IsGuarded, int Factor);

/// <summary>
/// A random graph of pure and effectful steps, some guarded, some failing, some over lists, with an interpreter of its own that says how
/// every step has to end. The interpreter knows nothing of time, leases or commits.
/// </summary>
internal sealed class RandomWorkflow
{
    private const string Pure = "pure";
    private const string Call = "call";
    private const string Flaky = "flaky";
    private const string Failing = "failing";
    private const string Each = "each";
    private const string Pause = "pause";
    private const int Modulus = 1009;
    private static readonly string[] Kinds = [Pure, Pure, Call, Call, Flaky, Failing, Each, Pause];
    private readonly List<RandomStep> _steps = [];

    public RandomWorkflow(int seed)
    {
        var random = new Random(seed);
        var count = random.Next(3, 11);
        for (var index = 0; index < count; index++)
        {
            var before = _steps.Select(step => step.Key).Where(_ => random.Next(3) == 0).Take(3).ToArray();
            _steps.Add(new RandomStep($"s{index}", Kinds[random.Next(Kinds.Length)], before, before.Length > 0 && random.Next(5) == 0, random.Next(1, 50)));
        }
    }

    /// <summary>What the server outside answers to a number.</summary>
    public static int Answer(int number) => ((number * 7) + 3) % Modulus;

    /// <summary>The definition, as the API takes it.</summary>
    public object[] Definition(string outside) => [.. _steps.Select(step => Write(step, outside))];

    /// <summary>How every step has to end: its status, and what it comes to.</summary>
    public Dictionary<string, (string Status, int Value)> Interpret(int input)
    {
        var ends = new Dictionary<string, (string Status, int Value)>();
        foreach (var step in _steps)
        {
            var number = ((input * step.Factor) + step.DependsOn.Sum(key => ends[key].Value)) % Modulus;
            var hasPassed = step.DependsOn.Length == 0 || step.DependsOn.Any(key => ends[key].Status is "succeeded" or "failed");
            ends[step.Key] = !hasPassed || (step.IsGuarded && number % 2 == 0) ? ("skipped", 0) : step.Kind switch
            {
                Pure => ("succeeded", number),
                Failing => ("failed", 0),
                Each => ("succeeded", (Answer(number) + Answer(number + 1) + Answer(number + 2)) % Modulus),
                Pause => ("succeeded", 0),
                _ => ("succeeded", Answer(number)),
            };
        }

        return ends;
    }

    /// <summary>What the product's step came to, from its output.</summary>
    public int ValueOf(string key, System.Text.Json.JsonElement? output) => _steps.Single(step => step.Key == key).Kind switch
    {
        Pure => output!.Value.GetInt32(),
        Call or Flaky => output!.Value.GetProperty("body").GetProperty("v").GetInt32(),
        Each => output!.Value.EnumerateArray().Sum(item => item.GetProperty("body").GetProperty("v").GetInt32()) % Modulus,
        _ => 0,
    };

    private Dictionary<string, object?> Write(RandomStep step, string outside)
    {
        var number = $"((input.n * {step.Factor}) + {string.Join(" + ", step.DependsOn.Select(Read).Prepend("0"))}) % {Modulus}";
        object Request(string path, string x) => new { method = "POST", url = $"{outside}/{path}", body = new { x = $"{{{{ {x} }}}}" } };
        var (type, with) = step.Kind switch
        {
            Pure => ("transform", (object)new { value = $"{{{{ {number} }}}}" }),
            Pause => ("delay", new { seconds = 0.3 }),
            Each => ("http_request", Request("each", "item")),
            var kind => ("http_request", Request(kind, number)),
        };
        return new Dictionary<string, object?>
        {
            ["key"] = step.Key,
            ["type"] = type,
            ["depends_on"] = step.DependsOn,
            ["with"] = with,
            ["when"] = step.IsGuarded ? $"({number}) % 2 != 0" : null,
            ["for_each"] = step.Kind == Each ? $"[0, 1, 2].map(i => ({number}) + i)" : null,
            ["retry"] = step.Kind == Flaky ? new { max_attempts = 5, backoff_seconds = 0.05 } : null,
            ["on_error"] = step.Kind == Failing ? "continue" : "fail",
        };
    }

    private string Read(string key) => _steps.Single(step => step.Key == key).Kind switch
    {
        Pure => $"(steps.{key}.output ?? 0)",
        Each => $"((steps.{key}.output ?? []).reduce((sum, answer) => sum + answer.body.v, 0) % {Modulus})",
        Pause or Failing => "0",
        _ => $"(steps.{key}.output?.body.v ?? 0)",
    };
}
