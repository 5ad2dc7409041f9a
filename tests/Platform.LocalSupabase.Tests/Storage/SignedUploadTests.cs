using System.Net;

namespace Platform.LocalSupabase.Tests.Storage;

public sealed class SignedUploadTests : StorageTest
{
    [Test]
    public async Task Writes_one_object_as_the_signer_without_a_header()
    {
        var url = await SignAsync(OwnPath("given.txt"));

        using var first = await PutAsync(url, "hello");
        using var second = await PutAsync(url, "again");

        Assert.That((await ExpectAsync(first, HttpStatusCode.OK)).GetProperty("Key").GetString(), Is.EqualTo($"{Bucket}/{OwnPath("given.txt")}"));
        await ExpectErrorAsync(second, "409", "KeyAlreadyExists", "The resource already exists");
        Assert.That(await ReadAsync(Ada, OwnPath("given.txt")), Is.EqualTo("hello"));
        Assert.That(
            await SharedPostgres.SqlAsync("select owner_id from storage.objects where name = @name", ("name", OwnPath("given.txt"))),
            Is.EqualTo(AdaId.ToString()));
    }

    [Test]
    public async Task Replaces_when_the_signer_allowed_it()
    {
        await StoreAsync(Ada, OwnPath("replaced.txt"), "old");
        var url = await SignAsync(OwnPath("replaced.txt"), upsert: true);

        using var response = await PutAsync(url, "new");

        await ExpectAsync(response, HttpStatusCode.OK);
        Assert.That(await ReadAsync(Ada, OwnPath("replaced.txt")), Is.EqualTo("new"));
    }

    [Test]
    public async Task Is_signed_only_by_those_who_may_write()
    {
        await StoreAsync(Ada, OwnPath("taken.txt"), "old");

        using var foreign = await Bob.PostAsync(Url("/upload/sign", OwnPath("foreign.txt")), null);
        using var taken = await Ada.PostAsync(Url("/upload/sign", OwnPath("taken.txt")), null);

        await ExpectErrorAsync(foreign, "403", "AccessDenied");
        await ExpectErrorAsync(taken, "409", "KeyAlreadyExists");
    }

    [Test]
    public async Task Is_good_for_nothing_else()
    {
        await StoreAsync(Ada, OwnPath("read.txt"), "secret");
        var upload = await SignAsync(OwnPath("read.txt"), upsert: true);
        using var signed = await Ada.PostAsync(
            Url("/sign", OwnPath("read.txt")), new StringContent("""{"expiresIn":60}""", null, "application/json"));
        var download = (await ExpectAsync(signed, HttpStatusCode.OK)).GetProperty("signedURL").GetString()!;

        using var reading = await Nobody.GetAsync($"/storage/v1{upload.Replace("/upload/", "/", StringComparison.Ordinal)}");
        using var elsewhere = await PutAsync(upload.Replace("read.txt", "else.txt", StringComparison.Ordinal), "x");
        using var writing = await PutAsync(download.Replace("/object/", "/object/upload/", StringComparison.Ordinal), "x");
        using var forged = await PutAsync(upload + "x", "x");

        await ExpectErrorAsync(reading, "400", "InvalidSignature");
        await ExpectErrorAsync(elsewhere, "400", "InvalidSignature");
        await ExpectErrorAsync(writing, "400", "InvalidSignature");
        await ExpectErrorAsync(forged, "400", "InvalidJWT");
    }

    [Test]
    public async Task Ends_after_two_hours()
    {
        var url = await SignAsync(OwnPath("late.txt"));
        Server.Clock.Advance(TimeSpan.FromHours(2.1));

        using var response = await PutAsync(url, "x");

        await ExpectErrorAsync(response, "400", "InvalidJWT", "\"exp\" claim timestamp check failed");
    }

    private async Task<string> SignAsync(string path, bool upsert = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Url("/upload/sign", path));
        request.Headers.Add("x-upsert", upsert ? "true" : "false");
        using var response = await Ada.SendAsync(request);
        return (await ExpectAsync(response, HttpStatusCode.OK)).GetProperty("url").GetString()!;
    }

    private async Task<HttpResponseMessage> PutAsync(string url, string text)
    {
        using var content = new StringContent(text);
        return await Nobody.PutAsync($"/storage/v1{url}", content);
    }
}
