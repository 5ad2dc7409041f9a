namespace Platform.SharedKernel.Infrastructure.Authentication;

/// <summary>Reads one kind of bearer credential that is not an access token of Supabase Auth.</summary>
public interface ICredentialAuthenticator
{
    /// <summary>How credentials of this kind begin, for example <c>plk_</c>.</summary>
    string Prefix { get; }

    /// <summary>Finds out for whom a credential speaks.</summary>
    /// <param name="text">The credential, which begins with <see cref="Prefix"/>.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>Whom it speaks for, or null where it is not good.</returns>
    ValueTask<Credential?> AuthenticateAsync(string text, CancellationToken cancellationToken);
}

/// <summary>A credential that was found good.</summary>
/// <param name="Kind">Its kind, for example <see cref="ApiKey"/>.</param>
/// <param name="UserId">The person it speaks for.</param>
/// <param name="Claims">The claims that statements run under, as JSON text with <c>sub</c> and <c>role</c>.</param>
/// <param name="IsReadOnly">Whether it may only read.</param>
public sealed record Credential(string Kind, Guid UserId, string Claims, bool IsReadOnly)
{
    /// <summary>The kind of API keys.</summary>
    public const string ApiKey = "api_key";

    /// <summary>The kind of tokens with which staff see what a person sees.</summary>
    public const string Impersonation = "impersonation";
}
