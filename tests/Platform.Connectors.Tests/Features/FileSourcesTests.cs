using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Platform.Connectors.DuckDb;

namespace Platform.Connectors.Tests.Features;

/// <summary>What clients see of a file and of the way it is read.</summary>
public sealed class FileSourcesTests : SyncTest
{
    private static readonly byte[] Orders = Encoding.Latin1.GetBytes("plz;ort;summe\n01234;Köln;1,50\n80331;Málaga\n55116;Wien;2,25;x\n");

    [Test]
    public async Task Brings_the_file_of_a_new_connector_to_the_node_before_anybody_asks()
    {
        var alice = await SignInAsync();
        var upload = await UploadAsync(alice.Client, "orders.csv", Orders);

        await ConnectAsync(
            alice.Client, new { name = "Orders", type = "file", config = new { upload_id = upload, table = "orders", ragged = "cut", encoding = "windows-1252" } });

        var cache = Application.Services.GetRequiredService<WorkFolders>().Cache;
        await EventuallyAsync(() => Task.FromResult(Directory.GetFiles(cache, $"{alice.Id:N}-*.parquet").Length == 1));
    }

    [Test]
    public async Task Shows_the_same_table_in_the_schema_a_query_and_a_sync_with_what_was_cut()
    {
        var alice = await SignInAsync();
        var upload = await UploadAsync(alice.Client, "orders.csv", Orders);
        var config = new { upload_id = upload, table = "orders", encoding = "windows-1252", ragged = "cut" };
        var path = await ConnectAsync(alice.Client, new { name = "Orders", type = "file", config });
        string[] notes =
        [
            "1 row had too few cells; what is missing is null; the first is line 3.",
            "1 row had too many cells, which were left out; the first is line 4.",
        ];
        const string Rows = """[["01234","Köln",1.5],["80331","Málaga",null],["55116","Wien",2.25]]""";

        var schema = await GetAsync(alice.Client, $"{path}/schema");
        var query = await PostAsync(alice.Client, $"{path}/query", new { query = "select * from orders" }, HttpStatusCode.OK);
        var sync = await SyncAsync(alice.Client, path);
        var events = await alice.Client.GetStringAsync($"/api/v1/syncs/{Id(sync)}/events");
        var dataset = await GetAsync(alice.Client, $"{path}/datasets/orders/rows");

        var table = schema.GetProperty("tables")[0];
        var progress = sync.GetProperty("progress").GetProperty("orders");
        Assert.That(TextsOf(table.GetProperty("notes")), Is.EqualTo(notes));
        Assert.That(
            table.GetProperty("columns").EnumerateArray().Select(column => $"{column.GetProperty("name")}:{column.GetProperty("type")}"),
            Is.EqualTo(["plz:text", "ort:text", "summe:double"]));
        Assert.That(query.GetProperty("rows").GetRawText(), Is.EqualTo(Rows));
        Assert.That(TextsOf(progress.GetProperty("notes")), Is.EqualTo(notes));
        Assert.That(events, Does.Contain(notes[1]));
        Assert.That(dataset.GetProperty("rows").GetRawText(), Is.EqualTo(Rows));
    }

    [Test]
    public async Task Tells_in_a_sync_why_a_file_cannot_be_read()
    {
        var alice = await SignInAsync();
        var upload = await UploadAsync(alice.Client, "orders.csv", Orders);
        var path = await ConnectAsync(
            alice.Client, new { name = "Orders", type = "file", config = new { upload_id = upload, encoding = "windows-1252" } });

        var sync = await SyncAsync(alice.Client, path);
        using var query = await alice.Client.PostAsJsonAsync($"{path}/query", new { query = "select * from data" });

        Assert.That(sync.GetProperty("status").GetString(), Is.EqualTo("failed"));
        Assert.That(sync.GetProperty("error_code").GetString(), Is.EqualTo("data_invalid"));
        Assert.That(sync.GetProperty("error").GetString(), Does.StartWith("Line 4 has 4 cells, the table has 3 columns."));
        await ExpectProblemAsync(query, 422, "data_invalid");
    }

    [Test]
    public async Task Refuses_settings_that_do_not_go_together_with_the_path()
    {
        var alice = await SignInAsync();
        var upload = await UploadAsync(alice.Client, "orders.csv", Orders);
        object With(object config) => new { name = "Orders", type = "file", config };

        using var created = await alice.Client.PostAsJsonAsync(
            "/api/v1/connectors", With(new { upload_id = upload, format = "csv", sheet = "A", delimiter = "'", quote = "'" }));
        using var unknown = await alice.Client.PostAsJsonAsync(
            "/api/v1/connectors", With(new { upload_id = upload, columns = new { plz = "zip" }, encoding = "ebcdic" }));
        var path = await ConnectAsync(alice.Client, With(new { upload_id = upload, format = "csv" }));
        using var changed = await alice.Client.PatchAsJsonAsync(path, new { config = new { format = "tsv", delimiter = ";" } });
        var test = await PostAsync(
            alice.Client, "/api/v1/connectors/test", With(new { upload_id = upload, format = "csv", header_row = 2 }), HttpStatusCode.OK);

        Assert.That(await PathsOfAsync(created), Is.EquivalentTo(["$.config.sheet", "$.config.quote"]));
        Assert.That(await PathsOfAsync(unknown), Is.EquivalentTo(["$.config.columns.plz", "$.config.encoding"]));
        Assert.That(await PathsOfAsync(changed), Is.EqualTo(["$.config.delimiter"]));
        Assert.That(test.GetProperty("code").GetString(), Is.EqualTo("invalid_config"));
        Assert.That(test.GetProperty("detail").GetString(), Is.EqualTo("config.header_row: Is for xlsx alone; the file is csv."));
    }

    private static IEnumerable<string?> TextsOf(JsonElement array) => array.EnumerateArray().Select(text => text.GetString());

    private static async Task<IEnumerable<string>> PathsOfAsync(HttpResponseMessage response) =>
        (await ExpectProblemAsync(response, 422, "validation_failed")).GetProperty("errors").EnumerateObject().Select(error => error.Name);
}
