using Microsoft.Extensions.Options;

namespace Platform.SharedKernel.Infrastructure.Supabase;

/// <summary>Where Supabase is. In the embedded mode that is the Host itself, whose port is known once it listens.</summary>
/// <param name="options">The project's URL, if there is one.</param>
public sealed class SupabaseAddress(IOptions<SupabaseOptions> options)
{
    private string? _url = options.Value.Url?.TrimEnd('/');

    /// <summary>The base URL without a slash at the end.</summary>
    public string Url => _url ?? throw new InvalidOperationException("The Host does not listen yet.");

    /// <summary>The issuer of access tokens.</summary>
    public string Issuer => $"{Url}/auth/v1";

    /// <summary>Tells the embedded server's address.</summary>
    /// <param name="url">The base URL.</param>
    public void Set(string url)
    {
        ArgumentNullException.ThrowIfNull(url);
        _url = url.TrimEnd('/');
    }
}
