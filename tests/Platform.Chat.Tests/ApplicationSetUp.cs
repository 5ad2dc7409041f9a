using Platform.Testing;

namespace Platform.Chat.Tests;

[SetUpFixture]
public sealed class ApplicationSetUp : PlatformSetUp;
