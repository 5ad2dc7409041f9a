namespace Platform.SharedKernel.Infrastructure.Supabase;

/// <summary>Asks whether Supabase answers.</summary>
public sealed class SupabaseProbe
{
    private readonly SupabaseHttp _http;

    internal SupabaseProbe(SupabaseHttp http) => _http = http;

    /// <summary>Asks Supabase Auth for its health. Throws where it does not answer.</summary>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>When it has answered.</returns>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        using var request = _http.Request(HttpMethod.Get, "auth/v1/health");
        using var response = await _http.SendAsync(request, cancellationToken);
    }
}
