namespace Platform.SharedKernel.Infrastructure.Egress;

/// <summary>An outbound call to an address that is not allowed.</summary>
/// <param name="host">The host that was asked for.</param>
public sealed class EgressDeniedException(string host) : Exception($"Calls to '{host}' are not allowed from here.")
{
    /// <summary>The host that was asked for.</summary>
    public string Host { get; } = host;
}
