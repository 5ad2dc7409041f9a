using Platform.Testing;

namespace Platform.Dashboards.Tests;

[SetUpFixture]
public sealed class ApplicationSetUp : PlatformSetUp;
