namespace Platform.SharedKernel.Infrastructure.Egress;

/// <summary>What outbound calls may reach besides public addresses.</summary>
public sealed class EgressOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Egress";

    /// <summary>
    /// Comma-separated CIDRs, host names, <c>loopback</c> or <c>none</c>. If left out: <c>loopback</c> while the Host itself listens on
    /// loopback alone, else <c>none</c>.
    /// </summary>
    public string? AllowedAddresses { get; set; }
}
