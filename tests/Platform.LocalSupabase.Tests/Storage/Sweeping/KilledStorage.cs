using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Npgsql;
using Platform.LocalSupabase.Tests.Fixture;
using Platform.LocalSupabase.Tests.Postgres;

namespace Platform.LocalSupabase.Tests.Storage.Sweeping;

/// <summary>
/// The storage service in a process that can be killed, a bucket of its own, and a look at its files and rows past the service.
/// </summary>
internal sealed class KilledStorage : IAsyncDisposable
{
    private const string ApplicationName = "killed-storage";
    private readonly TemporaryDirectory _directory = new();
    private TestHostProcess? _process;

    public string Bucket { get; } = $"killed-{Guid.CreateVersion7():N}";

    public HttpClient Client { get; private set; } = null!;

    private static string ServiceKey { get; } = LocalSupabaseServer.SignShared(new { iss = "supabase", role = "service_role", exp = 4102444800 });

    public Task CreateBucketAsync() => SharedPostgres.SqlAsync("insert into storage.buckets (id, name) values (@id, @id)", ("id", Bucket));

    public async Task StartAsync()
    {
        _process = await TestHostProcess.StartStorageAsync(_directory.Path, JsonSerializer.Serialize(new
        {
            Secret = LocalSupabaseServer.JwtSecret,
            Key = ServiceKey,
            Storage = $"{SharedPostgres.ConnectionStringOf("supabase_storage_admin")};Application Name={ApplicationName}",
            Authenticator = $"{SharedPostgres.ConnectionStringOf("authenticator")};Application Name={ApplicationName}",
        }));
        Assert.That(_process.Answer, Does.StartWith("ready "));
#pragma warning disable RS0030 // A client of another process, which ends with that process.
        Client = new HttpClient { BaseAddress = new Uri(_process.Answer["ready ".Length..]) };
#pragma warning restore RS0030
        Client.DefaultRequestHeaders.Add("apikey", ServiceKey);
        Client.DefaultRequestHeaders.Add("Authorization", $"Bearer {ServiceKey}");
    }

    public async Task KillAsync()
    {
        await _process!.KillAsync();
        Client.Dispose();
        // What the server had received of the dead process it still does: only then is it known what is left.
        while ((await QueryAsync("select pid::text, state from pg_stat_activity where application_name = @value", ApplicationName)).Count > 0)
        {
            await Task.Delay(10);
        }
    }

    /// <summary>The versions that rows of the bucket name.</summary>
    public async Task<Dictionary<string, string>> RowsAsync() => await QueryAsync(
        "select replace(version, '-', ''), name from storage.objects where bucket_id = @value", Bucket);

    /// <summary>All files that no row accounts for.</summary>
    public async Task<List<string>> OrphansAsync()
    {
        var rows = await RowsAsync();
        var uploads = await QueryAsync(
            "select replace(id::text, '-', ''), name from storage.resumable_uploads where bucket_id = @value and not completed", Bucket);
        return [.. FilesIn("objects").Where(file => !rows.ContainsKey(file)), .. FilesIn("incoming"),
            .. FilesIn("uploads").Where(file => !uploads.ContainsKey(file))];
    }

    public IEnumerable<string> FilesIn(string part) =>
        Directory.Exists(Path.Combine(_directory.Path, part))
            ? Directory.GetFiles(Path.Combine(_directory.Path, part), "*", SearchOption.AllDirectories).Select(file => Path.GetFileName(file)!)
            : [];

    public string PathOf(string version) => Path.Combine(_directory.Path, "objects", version[^2..], version);

    /// <summary>
    /// Waits until sweeps since then have named these files. Servers of other tests sweep the same database, over directories of their
    /// own: their reports say nothing about this one, so it is the names that count, not the first report.
    /// </summary>
    public static async Task AssertNamedAsync(IReadOnlyCollection<string> files, DateTimeOffset since)
    {
        var waited = Stopwatch.StartNew();
        List<string> missing;
        do
        {
            var named = await NamedSinceAsync(since);
            missing = [.. files.Where(file => !named.Contains(file))];
            await Task.Delay(20);
        }
        while (missing.Count > 0 && waited.Elapsed < TimeSpan.FromSeconds(20));
        Assert.That(missing, Is.Empty, "left by the kill and named by no sweep");
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _process!.DisposeAsync();
        _directory.Dispose();
    }

    private static async Task<HashSet<string>> NamedSinceAsync(DateTimeOffset time)
    {
        var named = await QueryAsync(
            """
            select distinct on (f.file_name) f.file_name, f.kind
            from storage.sweep_findings f join storage.sweeps s on s.id = f.sweep_id
            where f.file_name is not null and f.repaired and s.started_at > @value::timestamptz
            """,
            time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        return [.. named.Keys];
    }

    private static async Task<Dictionary<string, string>> QueryAsync(string sql, string value)
    {
        await using var connection = new NpgsqlConnection(SharedPostgres.ConnectionStringOf("supabase_admin"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue("value", value);
        var rows = new Dictionary<string, string>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            rows[reader.GetString(0)] = reader.GetString(1);
        }

        return rows;
    }
}
