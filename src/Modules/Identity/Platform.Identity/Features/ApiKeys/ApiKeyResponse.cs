using Platform.Identity.Domain;

namespace Platform.Identity.Features.ApiKeys;

/// <summary>What a person sees of a key after its making.</summary>
internal sealed record ApiKeyResponse(
    Guid Id, string Name, string Prefix, string[] Scopes, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt, DateTimeOffset CreatedAt)
{
}

/// <summary>A key with its secret, which is shown this once.</summary>
internal sealed record NewApiKeyResponse(
    Guid Id, string Name, string Prefix, string[] Scopes, DateTimeOffset? ExpiresAt, DateTimeOffset CreatedAt, DateTimeOffset? PreviousValidUntil,
    string Key);

/// <summary>A key that was made, its secret sealed: answers are kept for a repeated Idempotency-Key.</summary>
internal sealed record IssuedApiKey(
    Guid Id, string Name, string Prefix, string[] Scopes, DateTimeOffset? ExpiresAt, DateTimeOffset CreatedAt, DateTimeOffset? PreviousValidUntil,
    string SealedKey)
{
    public static IssuedApiKey From(ApiKey key, string sealedKey) =>
        new(key.Id, key.Name, key.Prefix, key.Scopes, key.ExpiresAt, key.CreatedAt, key.PreviousValidUntil, sealedKey);

    public NewApiKeyResponse With(string key) => new(Id, Name, Prefix, Scopes, ExpiresAt, CreatedAt, PreviousValidUntil, key);
}
