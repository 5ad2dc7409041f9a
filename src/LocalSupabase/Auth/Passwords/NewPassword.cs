using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Platform.LocalSupabase.Auth.Passwords;

/// <summary>Takes a password that somebody chose: by the rules, and where that is set up not one that was breached.</summary>
internal sealed class NewPassword(
    LocalSupabaseOptions options, PasswordHasher hasher, IHttpClientFactory clients, ILogger<NewPassword> logger)
{
    public const string ClientName = "auth breached passwords";

    private const int PrefixLength = 5;

    /// <returns>The hash to store.</returns>
    public async Task<string> HashAsync(string password, CancellationToken cancellationToken)
    {
        PasswordRules.Check(password, options.Auth);
        if (!string.IsNullOrEmpty(options.Auth.BreachedPasswordsUrl) && await IsBreachedAsync(password, cancellationToken))
        {
            throw PasswordRules.Weak("Password is known to be weak and easy to guess, please choose a different one.", ["pwned"]);
        }

        return await hasher.HashAsync(password, cancellationToken);
    }

    /// <summary>Only the first letters of the hash leave this machine. A service that does not answer keeps nobody out.</summary>
    private async Task<bool> IsBreachedAsync(string password, CancellationToken cancellationToken)
    {
#pragma warning disable CA5350 // The service is asked by SHA-1; nothing is protected by it.
        var hash = Convert.ToHexString(SHA1.HashData(Encoding.UTF8.GetBytes(password)));
#pragma warning restore CA5350
        using var client = clients.CreateClient(ClientName);
        try
        {
            var known = await client.GetStringAsync(new Uri(options.Auth.BreachedPasswordsUrl + hash[..PrefixLength]), cancellationToken);
            var rest = hash[PrefixLength..] + ":";
            return known.Split('\n', StringSplitOptions.TrimEntries).Any(line =>
                line.StartsWith(rest, StringComparison.OrdinalIgnoreCase) && !line.EndsWith(":0", StringComparison.Ordinal));
        }
        catch (Exception exception) when (exception is HttpRequestException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            logger.OutsideServiceFailed(exception);
            return false;
        }
    }
}
