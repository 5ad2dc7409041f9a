using Platform.SharedKernel.Messages;

namespace Platform.Identity.Contracts.Queries;

/// <summary>The master keys that this node lacks though they wrap data keys that the caller may see; for a system job, anybody's.</summary>
public sealed record FindUnreadableKeysQuery : IQuery<IReadOnlyList<UnreadableKeys>>;

/// <summary>A master key that is not at hand.</summary>
/// <param name="MasterKeyId">Its id.</param>
/// <param name="State"><c>missing</c>, or <c>wrong</c> where the configured key of that id is another one.</param>
public sealed record UnreadableKeys(string MasterKeyId, string State);
