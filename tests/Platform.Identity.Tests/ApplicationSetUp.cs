using Platform.Testing;

namespace Platform.Identity.Tests;

[SetUpFixture]
public sealed class ApplicationSetUp : PlatformSetUp;
