using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Platform.LocalSupabase.Auth.Users;

namespace Platform.LocalSupabase.Auth.Import;

/// <summary>
/// Brings users of another project over, with their ids, password hashes, identities and factors. Each user is one transaction, so
/// an import that broke off is simply run again.
/// </summary>
public sealed class AuthImport
{
    // A name that stands twice leaves a doubt which value counts.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private readonly NpgsqlDataSource _database;
    private readonly TimeProvider _clock;
    private readonly List<string> _notes = [];
    private readonly List<string> _failures = [];
    private int _place;
    private int _added;
    private int _alreadyThere;

    private AuthImport(NpgsqlDataSource database, TimeProvider clock) => (_database, _clock) = (database, clock);

    /// <summary>Imports a JSON array of users, a JSON object with <c>users</c>, or one user a line.</summary>
    /// <param name="users">The file.</param>
    /// <param name="connectionString">A login that may write the <c>auth</c> schema.</param>
    /// <param name="clock">The time of users that have none.</param>
    /// <param name="cancellationToken">Stops between two users.</param>
    /// <returns>What became of each.</returns>
    public static async Task<AuthImportReport> RunAsync(
        Stream users, string connectionString, TimeProvider clock, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(users);
        ArgumentNullException.ThrowIfNull(clock);
        await using var database = NpgsqlDataSource.Create(connectionString);
        var import = new AuthImport(database, clock);
        await import.ReadAsync(users, cancellationToken);
        return new AuthImportReport(import._added, import._alreadyThere, import._notes, import._failures);
    }

    // One user a line goes on after a line that is broken; any other file is read as a whole.
    private async Task ReadAsync(Stream users, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(users);
        for (var number = 1; await reader.ReadLineAsync(cancellationToken) is { } line; number++)
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            if (Parse(line) is { } value)
            {
                await ImportAllAsync(value, cancellationToken);
            }
            else if (_place == 0 && _failures.Count == 0)
            {
                await ImportDocumentAsync($"{line}\n{await reader.ReadToEndAsync(cancellationToken)}", cancellationToken);
            }
            else
            {
                _failures.Add($"line {number}: it is no JSON");
            }
        }
    }

    private async Task ImportDocumentAsync(string json, CancellationToken cancellationToken)
    {
        if (Parse(json) is { } document)
        {
            await ImportAllAsync(document, cancellationToken);
        }
        else
        {
            _failures.Add("neither the file nor its first line is JSON; nothing was imported");
        }
    }

    private async Task ImportAllAsync(JsonNode value, CancellationToken cancellationToken)
    {
        foreach (var user in UsersOf(value))
        {
            _place++;
            await ImportAsync(_place, user as JsonObject ?? [], cancellationToken);
        }
    }

    private static JsonNode? Parse(string json)
    {
        try
        {
            return JsonNode.Parse(json, documentOptions: Strict);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonArray UsersOf(JsonNode value) => value switch
    {
        JsonArray list => list,
        JsonObject set when set["users"] is JsonArray list => list,
        _ => new JsonArray(value.DeepClone()),
    };

    private async Task ImportAsync(int place, JsonObject json, CancellationToken cancellationToken)
    {
        var name = $"user {place} ({json["id"]?.ToString() ?? "no id"})";
        try
        {
            var user = ExportedUser.Read(json, _clock.GetUtcNow());
            await using var connection = await _database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            if (await connection.FindAsync(user.User.Id, cancellationToken) is not null)
            {
                _alreadyThere++;
                return;
            }

            await user.InsertAsync(connection, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            _added++;
            _notes.AddRange(user.Notes.Select(note => $"{name}: {note}"));
        }
        catch (AuthException exception)
        {
            _failures.Add($"{name}: {exception.Message}");
        }
        catch (PostgresException exception) when (exception.SqlState[..2] is "22" or "23")
        {
            _failures.Add($"{name}: {Explain(exception)}");
        }
    }

    private static string Explain(PostgresException exception) => exception.ConstraintName switch
    {
        "users_email_partial_key" => "another user has this e-mail address",
        "users_phone_key" => "another user has this phone number",
        "identities_provider_id_provider_unique" => "another user has one of these identities",
        _ => exception.MessageText,
    };
}
