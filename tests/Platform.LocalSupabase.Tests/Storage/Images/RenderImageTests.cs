using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using SkiaSharp;

namespace Platform.LocalSupabase.Tests.Storage.Images;

public sealed class RenderImageTests : StorageTest
{
    private string _photo = null!;

    [OneTimeSetUp]
    public async Task StorePhotoAsync()
    {
        _photo = OwnPath("photo.png");
        // Left half red, right half blue, so that a crop and a turn can be told.
        await StoreBytesAsync(_photo, Picture(400, 200, SKEncodedImageFormat.Png), "image/png");
    }

    [TestCase("width=100&height=100", 100, 100)]
    [TestCase("width=100&height=100&resize=cover", 100, 100)]
    [TestCase("width=100&height=100&resize=contain", 100, 50)]
    [TestCase("width=100&height=100&resize=fill", 100, 100)]
    [TestCase("width=100", 100, 50)]
    [TestCase("height=50", 100, 50)]
    [TestCase("width=1000&height=1000&resize=contain", 400, 200)]
    [TestCase("quality=50", 400, 200)]
    public async Task Has_the_size_that_was_asked_for(string query, int width, int height)
    {
        using var response = await Ada.GetAsync($"{Render("authenticated", _photo)}?{query}");

        using var image = await ImageOf(response);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((image.Width, image.Height), Is.EqualTo((width, height)));
            Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("image/png"));
        }
    }

    [Test]
    public async Task Says_in_its_header_what_was_done()
    {
        using var response = await Ada.GetAsync($"{Render("authenticated", _photo)}?width=200&height=200");

        Assert.That(
            response.Headers.GetValues("X-Transformations").Single(), Is.EqualTo("height:200,width:200,resizing_type:fill"));
    }

    [Test]
    public async Task Crops_to_the_middle_and_stretches_to_the_edges()
    {
        using var cover = await ImageOf(await Ada.GetAsync($"{Render("authenticated", _photo)}?width=100&height=200&resize=cover"));
        using var fill = await ImageOf(await Ada.GetAsync($"{Render("authenticated", _photo)}?width=100&height=200&resize=fill"));

        foreach (var image in new[] { cover, fill })
        {
            Assert.That(image.GetPixel(10, 100).Red, Is.GreaterThan(200));
            Assert.That(image.GetPixel(90, 100).Blue, Is.GreaterThan(200));
        }
    }

    [TestCase("image/webp,*/*", "", "image/webp")]
    [TestCase("image/webp,*/*", "&format=origin", "image/png")]
    [TestCase("*/*", "", "image/png")]
    [TestCase("*/*", "&format=jpeg", "image/jpeg")]
    public async Task Speaks_the_format_that_the_client_takes(string accept, string format, string expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Render("authenticated", _photo)}?width=50{format}");
        request.Headers.TryAddWithoutValidation("Accept", accept);

        using var response = await Ada.SendAsync(request);

        using var image = await ImageOf(response);
        Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo(expected));
        Assert.That(response.Headers.Vary, Does.Contain("Accept"));
    }

    [Test]
    public async Task Sends_nothing_again_to_a_client_that_has_it()
    {
        var url = $"{Render("authenticated", _photo)}?width=60";
        using var first = await Ada.GetAsync(url);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);

        using var second = await Ada.SendAsync(request);

        using var other = await Ada.GetAsync($"{Render("authenticated", _photo)}?width=61");
        Assert.That(second.StatusCode, Is.EqualTo(HttpStatusCode.NotModified));
        Assert.That(other.Headers.ETag, Is.Not.EqualTo(first.Headers.ETag));
    }

    [Test]
    public async Task Turns_a_photo_upright()
    {
        await StoreBytesAsync(OwnPath("turned.jpg"), TurnedJpeg(), "image/jpeg");

        using var image = await ImageOf(await Ada.GetAsync($"{Render("authenticated", OwnPath("turned.jpg"))}?width=100"));

        Assert.That((image.Width, image.Height), Is.EqualTo((100, 200)), "400 by 200, to be turned to the right");
        Assert.That(image.GetPixel(50, 20).Red, Is.GreaterThan(200), "what was left is on top");
        Assert.That(image.GetPixel(50, 180).Blue, Is.GreaterThan(200));
    }

    [Test]
    public async Task Is_for_those_who_may_read_the_object()
    {
        using var foreign = await Bob.GetAsync($"{Render("authenticated", _photo)}?width=50");
        using var withoutToken = await Server.Connect().GetAsync($"{Render("authenticated", _photo)}?width=50");
        using var notPublic = await Nobody.GetAsync($"{Render("public", _photo)}?width=50");

        await ExpectErrorAsync(foreign, "404", "NoSuchKey");
        await ExpectErrorAsync(withoutToken, "400", "InvalidRequest");
        await ExpectErrorAsync(notPublic, "404", "NoSuchBucket");
    }

    [Test]
    public async Task Is_public_in_a_public_bucket()
    {
        var open = $"open-{Guid.CreateVersion7():N}";
        await CreateBucketAsync(new { name = open, @public = true });
        await StoreBytesAsync("photo.png", Picture(40, 20, SKEncodedImageFormat.Png), "image/png", Admin, open);

        using var image = await ImageOf(await Nobody.GetAsync($"/storage/v1/render/image/public/{open}/photo.png?width=20"));

        Assert.That((image.Width, image.Height), Is.EqualTo((20, 10)));
    }

    [Test]
    public async Task Is_signed_with_its_size_and_gives_no_other()
    {
        using var signed = await Ada.PostAsJsonAsync(
            Url("/sign", _photo), new { expiresIn = 60, transform = new { width = 100, height = 80, resize = "fill", quality = 70 } });
        var url = (await ExpectAsync(signed, HttpStatusCode.OK)).GetProperty("signedURL").GetString()!;

        using var image = await ImageOf(await Nobody.GetAsync($"/storage/v1{url}&width=400"));
        using var whole = await Nobody.GetAsync($"/storage/v1{url.Replace("/render/image/sign", "/object/sign", StringComparison.Ordinal)}");

        Assert.That(url, Does.StartWith($"/render/image/sign/{Bucket}/"));
        Assert.That((image.Width, image.Height), Is.EqualTo((100, 80)));
        await ExpectErrorAsync(whole, "400", "InvalidSignature");
    }

    [TestCase("width=0")]
    [TestCase("width=2501")]
    [TestCase("height=x")]
    [TestCase("quality=10")]
    [TestCase("resize=tile")]
    [TestCase("format=exe")]
    public async Task Refuses_what_makes_no_image(string query)
    {
        using var response = await Ada.GetAsync($"{Render("authenticated", _photo)}?{query}");

        await ExpectErrorAsync(response, "400", "InvalidRequest");
    }

    [Test]
    public async Task Refuses_files_that_are_no_image_and_images_that_are_too_large()
    {
        await StoreBytesAsync(OwnPath("text.png"), "not a picture"u8.ToArray(), "image/png");
        await StoreBytesAsync(OwnPath("cut.png"), Picture(300, 300, SKEncodedImageFormat.Png)[..20], "image/png");
        await StoreBytesAsync(OwnPath("bomb.png"), WithSize(Picture(10, 10, SKEncodedImageFormat.Png), 30_000, 30_000), "image/png");

        foreach (var name in new[] { "text.png", "cut.png", "bomb.png" })
        {
            using var response = await Ada.GetAsync($"{Render("authenticated", OwnPath(name))}?width=10");

            await ExpectErrorAsync(response, "400", "InvalidRequest");
        }
    }

    private static byte[] Picture(int width, int height, SKEncodedImageFormat format)
    {
        using var bitmap = new SKBitmap(width, height);
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(SKColors.Blue);
        using var red = new SKPaint { Color = SKColors.Red };
        canvas.DrawRect(0, 0, width / 2f, height, red);
        using var data = bitmap.Encode(format, 95);
        return data.ToArray();
    }

    // A JPEG with an EXIF block that says: turn by 90 degrees to the right (orientation 6).
    private static byte[] TurnedJpeg()
    {
        byte[] exif =
        [
            0xFF, 0xE1, 0, 34, (byte)'E', (byte)'x', (byte)'i', (byte)'f', 0, 0,
            (byte)'M', (byte)'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0,
        ];
        var picture = Picture(400, 200, SKEncodedImageFormat.Jpeg);
        return [.. picture[..2], .. exif, .. picture[2..]];
    }

    // The header of a PNG claims other measures (width and height are at 16, their checksum at 29).
    private static byte[] WithSize(byte[] png, int width, int height)
    {
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), width);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), height);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc32(png.AsSpan(12, 17)));
        return png;
    }

    private static uint Crc32(ReadOnlySpan<byte> content)
    {
        var crc = uint.MaxValue;
        foreach (var value in content)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
            }
        }

        return ~crc;
    }

    private string Render(string kind, string path) => $"/storage/v1/render/image/{kind}/{Bucket}/{path}";

    private async Task StoreBytesAsync(string path, byte[] bytes, string type, HttpClient? client = null, string? bucket = null)
    {
        using var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        using var response = await (client ?? Ada).PutAsync(Url("", path, bucket), content);
        await ExpectAsync(response, HttpStatusCode.OK);
    }

    private static async Task<SKBitmap> ImageOf(HttpResponseMessage response)
    {
        var bytes = await response.Content.ReadAsByteArrayAsync();
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK), System.Text.Encoding.UTF8.GetString(bytes));
        return SKBitmap.Decode(bytes);
    }
}
