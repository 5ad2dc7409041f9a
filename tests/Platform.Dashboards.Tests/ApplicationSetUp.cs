using Platform.Testing;

namespace Platform.Dashboards.Tests;

[SetUpFixture]
public sealed class ApplicationSetUp : PlatformSetUp
{
    protected override IReadOnlyDictionary<string, string?> Settings =>
        new Dictionary<string, string?> { ["Dashboards:BoardUrl"] = "https://app.example.com/boards/{id}" };
}
