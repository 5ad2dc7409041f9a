using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Platform.Host.Migrations;

/// <summary>Gives logins that a file just created their passwords, in the same transaction: no crash can leave one without.</summary>
internal static class LoginPasswords
{
    private const int Iterations = 4096;

    public static async Task SetMissingAsync(
        NpgsqlConnection connection, IReadOnlyDictionary<string, string> passwords, CancellationToken cancellationToken)
    {
        var missing = new List<string>();
        await using (var command = new NpgsqlCommand(
            "select rolname::text from pg_authid where rolname = any($1) and rolcanlogin and rolpassword is null", connection))
        {
            command.Parameters.Add(new() { Value = passwords.Keys.ToArray() });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                missing.Add(reader.GetString(0));
            }
        }

        foreach (var login in missing)
        {
            await MigrationJournal.ExecuteAsync(
                connection, $"alter role {Quote(login)} password '{Verifier(passwords[login])}'", cancellationToken);
        }
    }

    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>What PostgreSQL stores (RFC 5803), computed here so that no statement, which could be logged, has the password.</summary>
    private static string Verifier(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, Iterations, HashAlgorithmName.SHA256, 32);
        var storedKey = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var serverKey = HMACSHA256.HashData(salted, "Server Key"u8);
        var keys = $"{Convert.ToBase64String(storedKey)}:{Convert.ToBase64String(serverKey)}";
        return string.Create(CultureInfo.InvariantCulture, $"SCRAM-SHA-256${Iterations}:{Convert.ToBase64String(salt)}${keys}");
    }
}
