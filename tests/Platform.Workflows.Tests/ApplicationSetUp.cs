using Platform.Testing;

namespace Platform.Workflows.Tests;

[SetUpFixture]
public sealed class ApplicationSetUp : PlatformSetUp;
