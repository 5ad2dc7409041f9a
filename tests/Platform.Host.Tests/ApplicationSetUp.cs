using Platform.Testing;

namespace Platform.Host.Tests;

[SetUpFixture]
public sealed class ApplicationSetUp : PlatformSetUp;
