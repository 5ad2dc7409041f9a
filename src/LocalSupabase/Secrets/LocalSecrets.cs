using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Platform.LocalSupabase.Files;
using Platform.LocalSupabase.Postgres;

namespace Platform.LocalSupabase.Secrets;

/// <summary>The keys and passwords of the embedded mode, made once and kept in <c>secrets.json</c> in the data directory.</summary>
public sealed class LocalSecrets
{
    private readonly SecretsDocument _document;

    private LocalSecrets(SecretsDocument document)
    {
        _document = document;
        SigningKeyJwk = JsonSerializer.Serialize(document.SigningKey, TokenJson.Default.SigningKeyDocument);
    }

    /// <summary>The private ES256 key that signs access tokens, as a JSON Web Key with a <c>kid</c>.</summary>
    public string SigningKeyJwk { get; }

    /// <summary>The legacy HS256 secret; it signs <see cref="AnonKey"/> and <see cref="ServiceRoleKey"/>.</summary>
    public string JwtSecret => _document.JwtSecret;

    /// <summary>The public API key.</summary>
    public string AnonKey => _document.AnonKey;

    /// <summary>The API key that passes row level security.</summary>
    public string ServiceRoleKey => _document.ServiceRoleKey;

    /// <summary>The name of <see cref="MasterKey"/>, stored beside what it wraps.</summary>
    public string MasterKeyId => _document.MasterKey.Id;

    /// <summary>The 32 bytes that wrap the data keys, in base64.</summary>
    public string MasterKey => _document.MasterKey.Key;

    /// <summary>Reads the secrets of a data directory, or makes them when it is new.</summary>
    /// <exception cref="LocalSupabaseException">They are missing, damaged, or open to other users.</exception>
    public static LocalSecrets LoadOrCreate(string dataDirectory, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        var directory = DataDirectory.Ensure(dataDirectory);
        var file = new SecretsFile(directory);
        var document = file.Read();
        if (document is null)
        {
            if (ClusterState.ClusterExists(directory))
            {
                throw new LocalSupabaseException(
                    "secrets_missing",
                    $"{file.Path} is gone, but the data directory holds a database whose passwords and keys were in it.",
                    "Restore it from a backup; without it, stored credentials cannot be decrypted. "
                    + "To begin anew, remove the whole data directory.");
            }

            return new LocalSecrets(file.Create(Generate(clock)));
        }

        // A newer Host may know a login that an older one did not.
        var missing = LoginNames.All.Where(login => !document.Passwords.ContainsKey(login)).ToList();
        if (missing.Count > 0)
        {
            foreach (var login in missing)
            {
                document.Passwords[login] = RandomText();
            }

            file.Replace(document);
        }

        return new LocalSecrets(document);
    }

    /// <summary>The password of a database login.</summary>
    public string Password(string login) => _document.Passwords.TryGetValue(login, out var password)
        ? password
        : throw new ArgumentException($"There is no database login named {login}.", nameof(login));

    private static SecretsDocument Generate(TimeProvider clock)
    {
        var jwtSecret = RandomText();
        return new SecretsDocument
        {
            SigningKey = SigningKeyDocument.Generate(),
            JwtSecret = jwtSecret,
            AnonKey = LegacyApiKey.Create("anon", jwtSecret, clock),
            ServiceRoleKey = LegacyApiKey.Create("service_role", jwtSecret, clock),
            MasterKey = new MasterKeyDocument
            {
                Id = $"local-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}",
                Key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
            },
            Passwords = LoginNames.All.ToDictionary(login => login, _ => RandomText()),
        };
    }

    /// <summary>256 bits in letters that need no quoting in a URL, a shell or a connection string.</summary>
    private static string RandomText() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
