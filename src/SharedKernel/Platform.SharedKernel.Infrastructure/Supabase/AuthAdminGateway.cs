using System.Net.Http.Json;
using System.Text.Json;

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

    /// <summary>Finds a person by their address.</summary>
    /// <param name="email">The address; case does not matter.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The person's id, or null.</returns>
    public async Task<Guid?> FindByEmailAsync(string email, CancellationToken cancellationToken)
    {
        using var request = _http.Request(HttpMethod.Get, $"auth/v1/admin/users?page=1&per_page=50&filter={Uri.EscapeDataString(email)}");
        using var response = await _http.SendAsync(request, cancellationToken);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        return answer.GetProperty("users").EnumerateArray()
            .Where(user => string.Equals(user.GetProperty("email").GetString(), email, StringComparison.OrdinalIgnoreCase))
            .Select(user => (Guid?)user.GetProperty("id").GetGuid())
            .FirstOrDefault();
    }
}
