using System.Diagnostics;
using Npgsql;

namespace Platform.Host.Migrations;

/// <summary>
/// Brings the database to the schema of <c>migrations/</c>: <c>_supabase</c> first (embedded mode, as superuser), then <c>platform</c>,
/// then the modules by name, as the owner. A file is one transaction; when nothing is new, all it costs is one query.
/// </summary>
internal sealed class Migrator(MigrationOptions options, ILogger<Migrator> logger)
{
    private bool IsEmbedded => options.SuperuserConnectionString is not null;

    /// <summary>Applies what is missing and answers how many files this call applied.</summary>
    /// <exception cref="MigrationException">A file failed, or files and journal contradict each other.</exception>
    public async Task<int> ApplyAsync(CancellationToken cancellationToken)
    {
        var files = MigrationFile.ReadAll(options.Directory, IsEmbedded);
        await using var first = await OpenAsync(options.SuperuserConnectionString ?? options.OwnerConnectionString, cancellationToken);
        var applied = await MigrationJournal.ReadAsync(first, cancellationToken);
        var pending = Compare(files, applied ?? []);
        if (pending.Count == 0)
        {
            return 0;
        }

        if (applied is null)
        {
            await MigrationJournal.CreateAsync(first, cancellationToken);
        }

        var count = 0;
        foreach (var file in pending.Where(file => file.IsSupabase))
        {
            count += await ApplyAsync(first, file, cancellationToken);
        }

        count += await ApplyOwnAsync(first, [.. pending.Where(file => !file.IsSupabase)], cancellationToken);
        logger.SchemaIsUpToDate(count, files.Count);
        return count;
    }

    private async Task<int> ApplyOwnAsync(NpgsqlConnection first, IReadOnlyList<MigrationFile> files, CancellationToken cancellationToken)
    {
        if (files.Count == 0)
        {
            return 0;
        }

        // Behind a pooler the login's name is not the role's, so there the connection itself says who the owner is.
        var owner = IsEmbedded
            ? LoginPasswords.Quote(new NpgsqlConnectionStringBuilder(options.OwnerConnectionString).Username!)
            : "current_user";
        await MigrationJournal.HandOverAsync(first, owner, cancellationToken);

        await using var connection = await OpenAsync(options.OwnerConnectionString, cancellationToken);
        var count = 0;
        foreach (var file in files)
        {
            count += await ApplyAsync(connection, file, cancellationToken);
        }

        return count;
    }

    /// <summary>One file, one transaction; 0 when another node applied it while this one waited for the lock.</summary>
    private async Task<int> ApplyAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        await using var transaction = await MigrationJournal.BeginAsync(connection, cancellationToken);
        var checksum = await MigrationJournal.FindAsync(connection, file, cancellationToken);
        if (checksum is not null)
        {
            return checksum == file.Checksum ? 0 : throw Changed(file);
        }

        try
        {
            await RunAsync(connection, file, cancellationToken);
        }
        catch (PostgresException exception)
        {
            throw new MigrationException(
                "migration_failed",
                $"{file.Path}{Line(file, exception)}: {exception.MessageText} ({exception.SqlState}). "
                + "The file changed nothing; correct it and start again.",
                exception);
        }

        if (file.IsSupabase)
        {
            await LoginPasswords.SetMissingAsync(connection, options.LoginPasswords, cancellationToken);
        }

        await MigrationJournal.AddAsync(connection, file, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        logger.FileApplied(file.Path, watch.ElapsedMilliseconds);
        return 1;
    }

    /// <summary>
    /// The text goes to the server whole. The client's own splitting into statements would not understand every function body, and
    /// a commit in the file, which would part it from its journal entry, is refused there.
    /// </summary>
    private static async Task RunAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken cancellationToken)
    {
        await using (var command = new NpgsqlCommand("select set_config('platform.migration', $1, true)", connection))
        {
            command.Parameters.Add(new() { Value = file.Sql });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        // A file may have taken another role for what it creates.
        await MigrationJournal.ExecuteAsync(
            connection, "do $$ begin execute current_setting('platform.migration'); end $$; reset role", cancellationToken);
    }

    private static List<MigrationFile> Compare(IReadOnlyList<MigrationFile> files, Dictionary<string, string> applied)
    {
        var pending = new List<MigrationFile>();
        var known = new HashSet<string>();
        foreach (var file in files)
        {
            known.Add(file.Path);
            if (!applied.TryGetValue(file.Path, out var checksum))
            {
                pending.Add(file);
            }
            else if (checksum != file.Checksum)
            {
                throw Changed(file);
            }
        }

        var gone = applied.Keys.FirstOrDefault(path => !known.Contains(path));
        return gone is null
            ? pending
            : throw new MigrationException(
                "migration_missing",
                $"{gone} was applied to this database, but the Host has no such file. "
                + "If the Host is older than the database, start a newer one; else restore the file.");
    }

    private static MigrationException Changed(MigrationFile file) => new(
        "migration_changed",
        $"{file.Path} was changed after it was applied to this database. Restore the file, and put the change in a new one.");

    /// <summary>The line of the trouble; empty when PostgreSQL does not say (a constraint that fails, say, names itself instead).</summary>
    private static string Line(MigrationFile file, PostgresException exception) =>
        exception.InternalPosition > 0 && exception.InternalPosition <= file.Sql.Length && exception.InternalQuery == file.Sql
            ? $":{file.Sql.AsSpan(0, exception.InternalPosition - 1).Count('\n') + 1}"
            : "";

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString, CancellationToken cancellationToken)
    {
        // No pool: a superuser's idle connection should not stay behind, and a database with one cannot serve as a template.
        var builder = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        var connection = new NpgsqlConnection(builder.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
