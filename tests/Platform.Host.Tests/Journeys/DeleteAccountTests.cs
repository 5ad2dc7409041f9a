using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Host.Tests.Security;
using Platform.SharedKernel.Infrastructure.Supabase;
using Platform.Testing;

namespace Platform.Host.Tests.Journeys;

/// <summary>A canary in every table and in Storage: after the account is deleted, nothing sings.</summary>
public sealed class DeleteAccountTests : PlatformTest
{
    private const string Canary = "canary7f3a9e";
    private static readonly string[] Schemas =
        ["platform", "identity", "connectors", "dashboards", "workflows", "chat", "artifacts", "auth", "storage", "hangfire", "public", "realtime"];

    // What is kept of a person: that something was done, by ids alone, and the event that is still to tell of the deletion.
    private static readonly string[] Kept =
    [
        "identity.audit_log", "identity.audit_heads", "auth.audit_log_entries", "platform.outbox", "platform.outbox_deliveries", "hangfire.job", "hangfire.jobparameter",
        "hangfire.state",
    ];

    // What the product itself writes there, and acts upon.
    private static readonly string[] NotFree = ["status", "file_path", "files", "prefix"];

    private NpgsqlConnection _connection = null!;

    [SetUp]
    public async Task ConnectAsync()
    {
        _connection = new NpgsqlConnection(Application.OwnerConnectionString);
        await _connection.OpenAsync();
    }

    [TearDown]
    public async Task CloseAsync() => await _connection.DisposeAsync();

    [Test]
    public async Task Nothing_is_left_of_a_person_in_any_table_or_file()
    {
        var (alice, client) = await SignUpAsync();
        using var signedIn = client;
        await PlantByRoutesAsync(client);
        var planted = await PlantInTablesAsync(alice);
        await PlantInStorageAsync(alice);
        Assert.That(planted, Is.GreaterThan(30));
        Assert.That((await TablesWithAsync(Canary)).Count, Is.GreaterThan(25));
        Assert.That(FilesWithCanary(), Is.Not.Empty);

        using var response = await client.DeleteAsync(new Uri("/api/v1/me", UriKind.Relative));
        await Application.DeliverEventsAsync();
        await Application.RunJobsAsync();

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), await response.Content.ReadAsStringAsync());
        Assert.That(await TablesWithAsync(Canary), Is.Empty);
        Assert.That(FilesWithCanary(), Is.Empty);
        Assert.That(await TablesWithAsync(alice.ToString()), Is.SubsetOf(Kept));
        Assert.That(await Application.ScalarAsync<long>("select count(*) from platform.outbox where status = 'dead'"), Is.Zero);
    }

    private static async Task<(Guid Id, HttpClient Client)> SignUpAsync()
    {
        var client = Application.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/auth/v1/signup")
        {
            Content = JsonContent.Create(new { email = $"{Canary}@example.com", password = "a long enough password", data = new { full_name = Canary } }),
        };
        request.Headers.Add("apikey", HostProcess.ReadConnection(Application.DataDirectory).GetProperty("anon_key").GetString());
        using var response = await client.SendAsync(request);
        var session = await ExpectJsonAsync(response);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", session.GetProperty("access_token").GetString());
        return (session.GetProperty("user").GetProperty("id").GetGuid(), client);
    }

    private static async Task PlantByRoutesAsync(HttpClient client)
    {
        await PostAsync(client, "/api/v1/me/api-keys", new { name = Canary });
        await PostAsync(client, "/api/v1/dashboards", new { name = Canary });
        await PostAsync(client, "/api/v1/artifacts", new { type = "document", name = Canary, data = new { markdown = Canary } });
        await PostAsync(client, "/api/v1/connectors", new { name = Canary, type = "http", config = new { url = $"http://127.0.0.1:9/{Canary}" } });
        using var file = new MultipartFormDataContent { { new ByteArrayContent(Encoding.UTF8.GetBytes(Canary)), "file", $"{Canary}.txt" } };
        using var uploaded = await client.PostAsync(new Uri("/api/v1/artifacts/upload", UriKind.Relative), file);
        await ExpectJsonAsync(uploaded, HttpStatusCode.Created);
        using var table = new MultipartFormDataContent { { new ByteArrayContent(Encoding.UTF8.GetBytes($"a\n{Canary}\n")), "file", $"{Canary}.csv" } };
        using var upload = await client.PostAsync(new Uri("/api/v1/uploads", UriKind.Relative), table);
        await ExpectJsonAsync(upload, HttpStatusCode.Created);
    }

    /// <summary>In every text and document of every row that a person may own, where the column takes it.</summary>
    private async Task<int> PlantInTablesAsync(Guid owner)
    {
        var tables = await Table.ReadAllAsync(_connection, ["platform", "identity", "connectors", "dashboards", "workflows", "chat", "artifacts"]);
        var rows = new RowBuilder(_connection, tables, (await SignInAsync()).Id);
        var planted = 0;
        foreach (var table in tables.Where(table => table.Owner is not null && !table.Name.StartsWith("identity.audit_", StringComparison.Ordinal)))
        {
            await rows.EnsureAsync(table, owner);
            foreach (var column in table.Columns.Where(column => column.Type is "text" or "jsonb" && !NotFree.Contains(column.Name)))
            {
                var values = column.Type == "text" ? [$"'{Canary}'"] : new[] { $"'{{\"a\": \"{Canary}\"}}'", $"'[\"{Canary}\"]'" };
                foreach (var value in values)
                {
                    planted += await TryPlantAsync($"update {table.Name} set {column.Name} = {value} where {table.Owner}::text = '{owner}'");
                }
            }
        }

        // Rows made here are no work that waits.
        await Sql.ExecuteAsync(_connection, "update platform.outbox set status = 'dispatched' where name not like '%.v1'");
        return planted;
    }

    private async Task<int> TryPlantAsync(string statement)
    {
        try
        {
            return await Sql.ExecuteAsync(_connection, statement) > 0 ? 1 : 0;
        }
        catch (PostgresException refused) when (refused.SqlState is "23514" or "23505" or "23503" or "42501")
        {
            // A check, a key or the rules of the log: this column takes no free text.
            return 0;
        }
    }

    /// <summary>A file that no row names.</summary>
    private static async Task PlantInStorageAsync(Guid owner)
    {
        var storage = Application.Services.GetRequiredService<StorageGateway>();
        await storage.EnsureBucketAsync("datasets", CancellationToken.None);
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(Canary));
        await storage.UploadAsync("datasets", $"{owner}/{Canary}.parquet", content, "application/octet-stream", CancellationToken.None);
    }

    private async Task<List<string>> TablesWithAsync(string text)
    {
        var tables = await Sql.TextsAsync(
            _connection,
            """
            select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind = 'r' and n.nspname = any($1) and c.relname not like '%migrations'
            """,
            [Schemas]);
        var found = new List<string>();
        foreach (var table in tables)
        {
            var rows = await Sql.RowsAsync(_connection, $"select 1 from {table} as t where position($1 in t::text) > 0 limit 1", text);
            if (rows.Count > 0)
            {
                found.Add(table);
            }
        }

        return found;
    }

    private static List<string> FilesWithCanary() =>
        [.. Directory.EnumerateFiles(Path.Combine(Application.DataDirectory, "storage"), "*", SearchOption.AllDirectories)
            .Where(file => file.Contains(Canary, StringComparison.Ordinal) || File.ReadAllText(file).Contains(Canary, StringComparison.Ordinal))];
}
