namespace Platform.Host;

/// <summary>The Host refuses to start, for a reason that the operator can remove.</summary>
internal sealed class HostStartException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}
