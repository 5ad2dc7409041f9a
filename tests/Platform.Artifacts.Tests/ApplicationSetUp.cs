using Platform.Testing;

namespace Platform.Artifacts.Tests;

[SetUpFixture]
public sealed class ApplicationSetUp : PlatformSetUp;
