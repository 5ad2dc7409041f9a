namespace Platform.Workflows.Engine;

/// <summary>The services of a pure step: it reaches for none.</summary>
internal sealed class PureServices : IServiceProvider
{
    public static PureServices None { get; } = new();

    public object? GetService(Type serviceType) => throw new InvalidOperationException("A pure step has no services.");
}
