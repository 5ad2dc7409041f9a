using System.Net.Http.Json;

namespace Platform.SharedKernel.Infrastructure.Supabase;

/// <summary>Supabase Auth's admin API.</summary>
public sealed class AuthAdminGateway
{
    private readonly SupabaseHttp _http;

    internal AuthAdminGateway(SupabaseHttp http) => _http = http;

    /// <summary>Sets members of a person's <c>app_metadata</c>, which tokens carry from the next refresh on.</summary>
    /// <param name="userId">The person.</param>
    /// <param name="metadata">The members to merge; null removes one.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>When it is stored.</returns>
    public async Task SetAppMetadataAsync(Guid userId, IReadOnlyDictionary<string, string?> metadata, CancellationToken cancellationToken)
    {
        using var content = JsonContent.Create(new { app_metadata = metadata });
        using var request = _http.Request(HttpMethod.Put, $"auth/v1/admin/users/{userId}", content);
        using var response = await _http.SendAsync(request, cancellationToken);
    }

    /// <summary>Sets members of a person's <c>user_metadata</c>.</summary>
    /// <param name="userId">The person.</param>
    /// <param name="metadata">The members to merge; null removes one.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>When it is stored.</returns>
    public async Task SetUserMetadataAsync(Guid userId, object metadata, CancellationToken cancellationToken)
    {
        using var content = JsonContent.Create(new { user_metadata = metadata });
        using var request = _http.Request(HttpMethod.Put, $"auth/v1/admin/users/{userId}", content);
        using var response = await _http.SendAsync(request, cancellationToken);
    }
}
