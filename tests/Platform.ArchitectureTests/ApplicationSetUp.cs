using Platform.Testing;

namespace Platform.ArchitectureTests;

[SetUpFixture]
public sealed class ApplicationSetUp : PlatformSetUp;
