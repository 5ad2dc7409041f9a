using Microsoft.Extensions.DependencyInjection;
using Platform.Connectors.Tests.Sources;
using Platform.Connectors.Types;
using Platform.Testing;

namespace Platform.Connectors.Tests;

[SetUpFixture]
public sealed class ApplicationSetUp : PlatformSetUp
{
    protected override IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>
    {
        // The running program is the test runner; the workers are the product's.
        ["Connectors:DuckDb:WorkerProgram"] = Path.Combine(AppContext.BaseDirectory, "Platform.Host.dll"),
        ["Connectors:OAuth:ReturnUrls"] = "https://app.example/done, https://other.example",
    };

    protected override void Configure(IServiceCollection services) => services.AddSingleton<IConnectorType, CalendarConnector>();
}

/// <summary>Ends what the tests have started outside of the application.</summary>
[SetUpFixture]
public sealed class SourcesSetUp
{
    [OneTimeTearDown]
    public void StopSource() => Features.ConnectorTest.StopSource();
}
