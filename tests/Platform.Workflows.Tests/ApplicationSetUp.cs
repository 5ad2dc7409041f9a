using Platform.Testing;

namespace Platform.Workflows.Tests;

[SetUpFixture]
public sealed class ApplicationSetUp : PlatformSetUp
{
    protected override IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>
    {
        // The running program is the test runner; the workers that read files are the product's.
        ["Connectors:DuckDb:WorkerProgram"] = Path.Combine(AppContext.BaseDirectory, "Platform.Host.dll"),
    };
}
