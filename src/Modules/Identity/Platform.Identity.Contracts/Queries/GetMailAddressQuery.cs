using Platform.SharedKernel.Messages;

namespace Platform.Identity.Contracts.Queries;

/// <summary>The caller's own mail address.</summary>
public sealed record GetMailAddressQuery : IQuery<MailAddressOfCaller>;

/// <summary>Where the caller gets mail.</summary>
/// <param name="Address">The address; null for an account without one.</param>
public sealed record MailAddressOfCaller(string? Address);
