using Platform.SharedKernel.Messages;

namespace Platform.Identity.Contracts.Queries;

/// <summary>Those of some people who have a data key that a master key wraps.</summary>
/// <param name="MasterKeyId">The master key.</param>
/// <param name="UserIds">The people in question, a few thousand at most.</param>
public sealed record FindUsersOfMasterKeyQuery(string MasterKeyId, IReadOnlyCollection<Guid> UserIds) : IQuery<IReadOnlyList<Guid>>;
