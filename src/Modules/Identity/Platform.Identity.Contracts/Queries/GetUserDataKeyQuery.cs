using Platform.SharedKernel.Messages;

namespace Platform.Identity.Contracts.Queries;

/// <summary>The caller's data key, made on first use. It seals the caller's secrets and is destroyed with the account.</summary>
public sealed record GetUserDataKeyQuery : IQuery<UserDataKey>;

/// <summary>A data key as it is stored: wrapped by a master key.</summary>
/// <param name="UserId">Whose key it is.</param>
/// <param name="MasterKeyId">The master key that wraps it.</param>
/// <param name="WrappedKey">The wrapped key.</param>
public sealed record UserDataKey(Guid UserId, string MasterKeyId, byte[] WrappedKey);
