using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.Identity.Authentication;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Identity.Features.Account;

/// <summary>For anybody: whoever holds a receipt has no account any more.</summary>
internal sealed class VerifyDeletionReceiptEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/deletion-receipts/verify", Handle).WithName("VerifyDeletionReceipt")
            .WithSummary("Check whether a receipt of a deleted account is one of ours").WithTags("Identity").AllowAnonymous();

    private static Ok<VerifyDeletionReceiptResponse> Handle(DeletionReceipt receipt, DeletionReceipts receipts) =>
        TypedResults.Ok(new VerifyDeletionReceiptResponse(receipts.IsGood(receipt)));
}

internal sealed record VerifyDeletionReceiptResponse(bool Valid);
